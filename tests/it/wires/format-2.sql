PRAGMA application_id=1719101810;
PRAGMA user_version=2;
BEGIN TRANSACTION;
CREATE TABLE alias (
            number INTEGER PRIMARY KEY,
            after INTEGER NOT NULL,
            of BLOB NOT NULL,
            text TEXT,
            at INTEGER NOT NULL
        ) STRICT;
CREATE TABLE epoch (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            after INTEGER NOT NULL,
            began_at INTEGER NOT NULL
        ) STRICT;
INSERT INTO "epoch" VALUES(1,'ardq2hvw',0,1796100739869287);
CREATE TABLE event (
            seq INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            at INTEGER NOT NULL,
            page_at INTEGER NOT NULL,
            thread BLOB NOT NULL,
            version INTEGER NOT NULL,
            supersedes BLOB,
            withdrawn_by INTEGER,
            json TEXT NOT NULL
        ) STRICT;
INSERT INTO "event" VALUES(1,X'1E4560E40DFE5604247FC452B4C9F628',1796100741358621,1796100739355363,X'1E4560E40DFE5604247FC452B4C9F628',1,NULL,NULL,'{"type":"event","seq":1,"id":"fw-0y8nge83fyar228zy4aatckxh8","time":"2026-12-01T04:52:21.358621Z","kind":"ticker","action":"new","thread":"fw-0y8nge83fyar228zy4aatckxh8","item":{"headline":"Radio Vellin: Bridge at Ostermund closed","attribution":"Radio Vellin","place":null,"published":null,"version":1,"language":null,"dir":"ltr","urgency":2},"source":{"name":null,"host":null},"page":{"name":"a.txt","hash":"6e937da3c59f5b8ed712e196e25e5358","line":5,"time":"2026-12-01T04:52:19.355363Z","newestDate":null,"url":null},"stale":false,"backfill":true,"rules":5,"timing":{"seenUs":1311222,"parsedUs":1314120,"judgedUs":1690869},"verdict":{"rule":"first","score":0.0,"of":null}}');
INSERT INTO "event" VALUES(2,X'D3EECF7DE39B3DD30AC60736317287CD',1796100741358621,1796100739355363,X'D3EECF7DE39B3DD30AC60736317287CD',1,NULL,NULL,'{"type":"event","seq":2,"id":"fw-6kxv7qvrwv7q9gnhg76rrq51yd","time":"2026-12-01T04:52:21.358621Z","kind":"ticker","action":"new","thread":"fw-6kxv7qvrwv7q9gnhg76rrq51yd","item":{"headline":"Ferry aground off Skerry light","attribution":null,"place":null,"published":null,"version":1,"language":null,"dir":"ltr","urgency":2},"source":{"name":null,"host":null},"page":{"name":"a.txt","hash":"6e937da3c59f5b8ed712e196e25e5358","line":4,"time":"2026-12-01T04:52:19.355363Z","newestDate":null,"url":null},"stale":false,"backfill":true,"rules":5,"timing":{"seenUs":1311222,"parsedUs":1314120,"judgedUs":1690933},"verdict":{"rule":"first","score":0.0,"of":null}}');
CREATE TABLE evidence (
            hash BLOB PRIMARY KEY,
            stored_at INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
INSERT INTO "evidence" VALUES(X'6E937DA3C59F5B8ED712E196E25E5358',1796100740044443,X'28B52FFD2063F50200E245151B80396D801171B1645064530B747DE1F979D403BFA6188293567D0486D9F02E8E69319DAA395CDD13A136F223E96E2ACE8A97985A902E037145E1635ADCE8DEE84E810D0C84C209248859A7F662C0F798F35C1201010037619601');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('backup','no');
INSERT INTO "meta" VALUES('boot','860e97c4-0f0e-464f-a0c6-cf072612264c');
INSERT INTO "meta" VALUES('clean','yes');
INSERT INTO "meta" VALUES('durability','power');
CREATE TABLE page (
            page INTEGER PRIMARY KEY,
            name BLOB NOT NULL,
            hash BLOB NOT NULL,
            stat BLOB NOT NULL,
            outcome TEXT NOT NULL,
            reason TEXT,
            attempts INTEGER NOT NULL DEFAULT 1,
            seen_at INTEGER NOT NULL,
            page_at INTEGER NOT NULL,
            lane TEXT NOT NULL,
            ticket INTEGER NOT NULL,
            source TEXT,
            url TEXT,
            ticker_lines INTEGER NOT NULL,
            lines TEXT NOT NULL,
            remarks TEXT NOT NULL,
            drafts INTEGER NOT NULL,
            gone_at INTEGER,
            UNIQUE (name, hash)
        ) STRICT;
INSERT INTO "page" VALUES(1,X'612E747874',X'6E937DA3C59F5B8ED712E196E25E5358',X'00FE00000000000054609A0000000000630000000000000036CA17361B08ED1836CA17361B08ED18','done',NULL,1,1796100740044443,1796100739355363,'backlog',0,NULL,NULL,2,'{"blank":1,"ticker":3,"unclaimed":1}','[{"code":"no-article","text":"no article text was found on this page"}]',2,NULL);
INSERT INTO "page" VALUES(2,X'622E747874',X'4FF959BE0CF7825756E05F560FFF3C8B',X'00FE00000000000045609A00000000005F0000000000000011F177131E08ED1811F177131E08ED18','done',NULL,1,1796100751670607,1796100751659364,'live',0,NULL,NULL,2,'{"blank":1,"ticker":3,"unclaimed":1}','[{"code":"no-article","text":"no article text was found on this page"}]',2,NULL);
CREATE TABLE sighting (
        page INTEGER NOT NULL,
        draft INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        line INTEGER NOT NULL,
        at INTEGER NOT NULL,
        source TEXT,
        PRIMARY KEY (page, draft)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "sighting" VALUES(1,0,1,5,1796100739355363,NULL);
INSERT INTO "sighting" VALUES(1,1,2,4,1796100739355363,NULL);
INSERT INTO "sighting" VALUES(2,0,1,5,1796100751659364,NULL);
INSERT INTO "sighting" VALUES(2,1,2,4,1796100751659364,NULL);
CREATE TABLE sighting_sum (
        seq INTEGER NOT NULL,
        source TEXT NOT NULL,
        first_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        sightings INTEGER NOT NULL,
        pages INTEGER NOT NULL,
        PRIMARY KEY (seq, source)
    ) STRICT, WITHOUT ROWID;
CREATE TABLE site (name TEXT PRIMARY KEY, memory BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE token (
            name TEXT PRIMARY KEY,
            hash BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
CREATE TABLE told (
            key BLOB PRIMARY KEY,
            id BLOB NOT NULL,
            seq INTEGER NOT NULL,
            last_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
INSERT INTO "told" VALUES(X'110FF741735124149839550B35426CF0',X'1E4560E40DFE5604247FC452B4C9F628',1,1796100751659364);
INSERT INTO "told" VALUES(X'6BA0C3D5D1AFF09FFFEF80B0815C769F',X'D3EECF7DE39B3DD30AC60736317287CD',2,1796100751659364);
CREATE INDEX event_at ON event (at);
CREATE INDEX event_page_at ON event (page_at);
CREATE INDEX event_supersedes ON event (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX alias_at ON alias (at);
CREATE INDEX page_hash ON page (hash);
CREATE INDEX page_source ON page (source, page_at) WHERE ticker_lines > 0;
CREATE INDEX page_gone ON page (gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX sighting_seq ON sighting (seq, source, at);
COMMIT;
