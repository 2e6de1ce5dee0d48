-- SPDX-License-Identifier: GPL-3.0-or-later
-- What version 1 added on a PostgreSQL server to the tables and rows of store_version_1.sql, in place of
-- SQLite's triggers. It is never changed.
CREATE FUNCTION access_log_is_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''the access log is only added to''; END';
CREATE TRIGGER access_log_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log FOR EACH STATEMENT EXECUTE FUNCTION access_log_is_kept();
