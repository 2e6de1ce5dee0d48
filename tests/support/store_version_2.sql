-- What a store of version 2 has besides one of version 1 (store_version_1.sql is run before): the tables as that program
-- made them, and rows that only it could write. Written by hand; the program's own steps are not asked.
ALTER TABLE client ADD COLUMN due_on TEXT;
UPDATE client SET due_on = '2031-05-01' WHERE id = 'p0123456789abcdef';
UPDATE client SET due_on = '2028-01-02' WHERE id = 'pzzzzzzzzzzzzzzzz';
CREATE TABLE erased_client (id TEXT PRIMARY KEY, erased_utc TEXT NOT NULL);
CREATE TABLE erased_recording (sha256 TEXT PRIMARY KEY);
CREATE TABLE backup_place (path TEXT PRIMARY KEY, made_utc TEXT NOT NULL);
CREATE INDEX client_by_label ON client (label_key, id);
CREATE INDEX client_by_due ON client (due_on);
CREATE INDEX session_by_time ON session (started_utc, id, protocol);
CREATE INDEX session_of_client ON session (client_id, started_utc, id, protocol);
CREATE INDEX consent_of_client ON consent (client_id);
CREATE INDEX screening_of_client ON screening (client_id);
CREATE INDEX note_of_client ON note (client_id);
CREATE INDEX note_of_session ON note (session_id);
CREATE INDEX access_by_time ON access_log (at_utc);
INSERT INTO erased_client (id, erased_utc) VALUES ('p00000000000e5a5e', '2026-02-03T04:05:06Z');
INSERT INTO backup_place (path, made_utc) VALUES ('/nowhere/backup-of-version-2', '2026-02-04T04:05:06Z');
UPDATE meta SET value = 2 WHERE key = 'schema_version';
