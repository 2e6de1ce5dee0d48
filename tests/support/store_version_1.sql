-- SPDX-License-Identifier: GPL-3.0-or-later
-- A catalogue as version 1 left it: `sqlite3 catalogue.sqlite .dump`. It is never changed: later
-- programs must still open it.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO meta VALUES('schema_version','1');
INSERT INTO meta VALUES('access_key','00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
CREATE TABLE client (id TEXT PRIMARY KEY, label TEXT NOT NULL, label_key TEXT NOT NULL, birth_year BIGINT, sex TEXT, language TEXT, notes TEXT, keep_until TEXT, keep_years BIGINT, created_utc TEXT NOT NULL, changed_utc TEXT NOT NULL);
INSERT INTO client VALUES('p0123456789abcdef','Olga Version One','olga version one',1961,'female','ru','first of all','2031-05-01',NULL,'2026-01-02T10:00:00Z','2026-01-03T10:00:00Z');
INSERT INTO client VALUES('pzzzzzzzzzzzzzzzz','Second Person','second person',NULL,NULL,NULL,NULL,NULL,2,'2026-01-02T11:00:00Z','2026-01-02T11:00:00Z');
CREATE TABLE consent (id TEXT PRIMARY KEY, client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, purpose TEXT NOT NULL, words TEXT, given_utc TEXT NOT NULL, withdrawn_utc TEXT);
INSERT INTO consent VALUES('c0000000000000001','p0123456789abcdef','storing','as on sheet 1','2026-01-02T10:01:00Z',NULL);
CREATE TABLE screening (id TEXT PRIMARY KEY, client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, day TEXT NOT NULL, document TEXT NOT NULL);
INSERT INTO screening VALUES('q0000000000000001','p0123456789abcdef','2026-01-02','{"schema":"tenderfoot/screening/1","person":"Olga Version One"}');
CREATE TABLE session (id TEXT PRIMARY KEY, client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, started_utc TEXT NOT NULL, protocol TEXT NOT NULL, source TEXT NOT NULL, plate_serial TEXT, plate_model TEXT, calibration_id TEXT, recording_sha256 TEXT NOT NULL UNIQUE, recording_bytes BIGINT NOT NULL, duration_s DOUBLE PRECISION, frames BIGINT, lost_frames BIGINT, software TEXT, added_utc TEXT NOT NULL);
INSERT INTO session VALUES('s0000000000000001','p0123456789abcdef','2026-01-02T10:05:00Z','stand','plate','T-0001','ref','nominal','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1000,30.5,3050,1,'tenderfoot 0.1.0','2026-01-02T10:06:00Z');
CREATE TABLE session_number (session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE, name TEXT NOT NULL, side TEXT NOT NULL, value DOUBLE PRECISION NOT NULL, low DOUBLE PRECISION, high DOUBLE PRECISION, PRIMARY KEY (session_id, name, side));
INSERT INTO session_number VALUES('s0000000000000001','arch_index','left',0.25,0.24,0.26);
CREATE TABLE session_zone (session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE, zone TEXT NOT NULL, side TEXT NOT NULL, state TEXT NOT NULL, flag TEXT, threshold_kpa DOUBLE PRECISION, is_lower_bound BIGINT, low_kpa DOUBLE PRECISION, high_kpa DOUBLE PRECISION, repeats BIGINT, PRIMARY KEY (session_id, zone, side));
INSERT INTO session_zone VALUES('s0000000000000001','P07','left','measured','attention',175.0,0,130.0,238.0,3);
CREATE TABLE note (id TEXT PRIMARY KEY, client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, session_id TEXT REFERENCES session (id) ON DELETE CASCADE, at_utc TEXT NOT NULL, text TEXT NOT NULL);
INSERT INTO note VALUES('n0000000000000001','p0123456789abcdef','s0000000000000001','2026-01-02T10:07:00Z','stood well');
CREATE TABLE access_log (id TEXT PRIMARY KEY, at_utc TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, of_whom TEXT);
INSERT INTO access_log VALUES('a0000000000000001','2026-01-02T10:00:00Z','dafc72fb3538303a','client-add','dac2962cc28c3ce3');
CREATE TRIGGER access_log_is_not_cut BEFORE DELETE ON access_log BEGIN SELECT RAISE(ABORT, 'the access log is only added to'); END;
CREATE TRIGGER access_log_is_not_changed BEFORE UPDATE ON access_log BEGIN SELECT RAISE(ABORT, 'the access log is only added to'); END;
COMMIT;
