BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	done_by TEXT NOT NULL, 
	deed TEXT NOT NULL, 
	about TEXT NOT NULL, 
	CONSTRAINT ck_audit_deed CHECK (deed IN ('close', 'withdraw', 'add', 'remove', 'role', 'password', 'reset', 'sign-out'))
);
INSERT INTO "audit" VALUES(1,'2026-11-24 06:10:30.123456','Åsa Berg','close','1');
INSERT INTO "audit" VALUES(2,'2026-11-24 06:10:30.123456','Bo','close','2');
INSERT INTO "audit" VALUES(3,'2026-11-24 06:10:30.123456','Bo','close','3');
INSERT INTO "audit" VALUES(4,'2026-11-24 06:10:30.123456','Åsa Berg','close','4');
INSERT INTO "audit" VALUES(5,'2026-11-24 06:10:30.123456','Bo','withdraw','1');
INSERT INTO "audit" VALUES(6,'2026-11-24 06:10:30.123456','Bo','add','Åsa Berg');
INSERT INTO "audit" VALUES(7,'2026-11-24 06:10:30.123456','Åsa Berg','password','Åsa Berg');
CREATE TABLE closing (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	token CHAR(32) NOT NULL, 
	schedule TEXT, 
	hours TEXT, 
	contact TEXT, 
	label TEXT, 
	begins DATETIME NOT NULL, 
	ends DATETIME NOT NULL, 
	why TEXT NOT NULL, 
	closed_by TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	withdrawn DATETIME, 
	withdrawn_by TEXT, 
	CONSTRAINT ck_closing_forward CHECK (begins < ends), 
	CONSTRAINT ck_closing_hours CHECK ((schedule IS NULL) = (hours IS NULL)), 
	CONSTRAINT ck_closing_stand_in CHECK ((contact IS NULL) = (label IS NULL)), 
	CONSTRAINT ck_closing_kind CHECK ((schedule IS NULL) <> (contact IS NULL)), 
	CONSTRAINT ck_closing_withdrawn CHECK ((withdrawn IS NULL) = (withdrawn_by IS NULL)), 
	CONSTRAINT ck_closing_why CHECK (why IN ('no-staff', 'meeting', 'technical', 'other')), 
	UNIQUE (token)
);
INSERT INTO "closing" VALUES(1,'00000000000000000000000000000000','phone','closed',NULL,NULL,'2026-11-24 06:10:30.123456','2026-11-24 10:10:30.123456','no-staff','Åsa Berg','2026-11-24 06:10:30.123456','2026-11-24 06:10:30.123456','Bo');
INSERT INTO "closing" VALUES(2,'00000000000000000000000000000001','ovi ö','09:00-11:00, 12:00-13:30',NULL,NULL,'2026-11-24 06:10:30.123456','2026-11-24 10:10:30.123456','meeting','Bo','2026-11-24 06:10:30.123456',NULL,NULL);
INSERT INTO "closing" VALUES(3,'00000000000000000000000000000002',NULL,NULL,'social_instructor','duty','2026-11-24 06:10:30.123456','2026-11-24 10:10:30.123456','other','Bo','2026-11-24 06:10:30.123456',NULL,NULL);
CREATE TABLE device (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	token TEXT NOT NULL, 
	staff_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	seen DATETIME NOT NULL, 
	UNIQUE (token), 
	FOREIGN KEY(staff_id) REFERENCES staff (id) ON DELETE CASCADE
);
INSERT INTO "device" VALUES(1,'1b0ed8cfcc36c1efa596cb0b2335740a325ba6c73782307547fdf9046331400c',1,'Firefox','2026-11-24 06:10:30.123456','2026-11-24 06:10:30.123456');
CREATE TABLE invitation (
	id INTEGER NOT NULL, 
	token TEXT NOT NULL, 
	staff_id INTEGER NOT NULL, 
	ends DATETIME NOT NULL, 
	used DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (token), 
	FOREIGN KEY(staff_id) REFERENCES staff (id) ON DELETE CASCADE
);
INSERT INTO "invitation" VALUES(1,'f69e445b9f94b326cf30d13118494823b473c1ce4715ded0790959c19c2a9e4e',1,'2026-11-25 06:10:30.123456','2026-11-24 06:10:30.123456');
CREATE TABLE staff (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	role TEXT NOT NULL, 
	password TEXT, 
	created DATETIME NOT NULL, 
	CONSTRAINT ck_staff_role CHECK (role IN ('staff', 'leader')), 
	UNIQUE (name_key)
);
INSERT INTO "staff" VALUES(1,'Åsa Berg','åsa berg','leader','a hash','2026-11-24 06:10:30.123456');
CREATE INDEX ix_closing_ends ON closing (ends);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_device_staff_id ON device (staff_id);
CREATE INDEX ix_invitation_staff_id ON invitation (staff_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('closing',4);
INSERT INTO "sqlite_sequence" VALUES('audit',7);
INSERT INTO "sqlite_sequence" VALUES('staff',1);
INSERT INTO "sqlite_sequence" VALUES('device',1);
COMMIT;
