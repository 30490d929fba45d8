PRAGMA application_id=1719101810;
PRAGMA user_version=1;
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
INSERT INTO "epoch" VALUES(1,'mb15dcj4',0,1795239383149278);
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
INSERT INTO "event" VALUES(1,X'05C960EC81C2B5157FDD1CC8B5EACE14',1795239385151460,1791936000000000,X'05C960EC81C2B5157FDD1CC8B5EACE14',1,NULL,NULL,'{"type":"event","seq":1,"id":"fw-05s5ges0e2pmaqzq8ws2tynkgm","time":"2026-11-21T05:36:25.151460Z","kind":"ticker","action":"new","thread":"fw-05s5ges0e2pmaqzq8ws2tynkgm","item":{"headline":"Vellin, North Coast: Coastguard helicopter lifts six sailors off the freighter Maren Olsen","attribution":"Vellin, North Coast","place":null,"published":null,"version":1,"language":"en","dir":"ltr","urgency":2},"source":{"name":"The Amal Courier","host":null},"page":{"name":"courier-harbour.txt","hash":"1113f67bac0d552d9b3c867f86cd7ce0","line":36,"time":"2026-10-14T00:00:00.000000Z","newestDate":"2026-10-14","url":null},"stale":true,"backfill":true,"rules":1,"timing":{"seenUs":1984966,"parsedUs":1991698,"judgedUs":1999731},"verdict":{"rule":"first","score":0.0,"of":null}}');
INSERT INTO "event" VALUES(2,X'AA8EDFB2F7E21F71448CE3AF1B9A4C14',1795239385151460,1791936000000000,X'AA8EDFB2F7E21F71448CE3AF1B9A4C14',1,NULL,NULL,'{"type":"event","seq":2,"id":"fw-5ahvfv5xz23xrm9373nwdsmk0m","time":"2026-11-21T05:36:25.151460Z","kind":"ticker","action":"new","thread":"fw-5ahvfv5xz23xrm9373nwdsmk0m","item":{"headline":"Mayor Teo Marchetti: Nobody has to leave the lower town tonight","attribution":"Mayor Teo Marchetti","place":null,"published":null,"version":1,"language":"en","dir":"ltr","urgency":2},"source":{"name":"The Amal Courier","host":null},"page":{"name":"courier-harbour.txt","hash":"1113f67bac0d552d9b3c867f86cd7ce0","line":35,"time":"2026-10-14T00:00:00.000000Z","newestDate":"2026-10-14","url":null},"stale":true,"backfill":true,"rules":1,"timing":{"seenUs":1984966,"parsedUs":1991698,"judgedUs":1999900},"verdict":{"rule":"first","score":0.0,"of":null}}');
INSERT INTO "event" VALUES(3,X'75DAD8AF78DFD6C76ADCCC4384CC6872',1795239385151460,1791936000000000,X'75DAD8AF78DFD6C76ADCCC4384CC6872',1,NULL,NULL,'{"type":"event","seq":3,"id":"fw-3nvbcayy6ztv3pnq6c8e2crt3j","time":"2026-11-21T05:36:25.151460Z","kind":"ticker","action":"new","thread":"fw-3nvbcayy6ztv3pnq6c8e2crt3j","item":{"headline":"Northern Press Agency: Power is out in four districts of Port Amal","attribution":"Northern Press Agency","place":null,"published":null,"version":1,"language":"en","dir":"ltr","urgency":2},"source":{"name":"The Amal Courier","host":null},"page":{"name":"courier-harbour.txt","hash":"1113f67bac0d552d9b3c867f86cd7ce0","line":34,"time":"2026-10-14T00:00:00.000000Z","newestDate":"2026-10-14","url":null},"stale":true,"backfill":true,"rules":1,"timing":{"seenUs":1984966,"parsedUs":1991698,"judgedUs":1999911},"verdict":{"rule":"first","score":0.0,"of":null}}');
INSERT INTO "event" VALUES(4,X'0846673D9957DC7189A14C5B132CD318',1795239385151460,1791936000000000,X'0846673D9957DC7189A14C5B132CD318',1,NULL,NULL,'{"type":"event","seq":4,"id":"fw-088skkv6aqvhrrk8acbc9jsmrr","time":"2026-11-21T05:36:25.151460Z","kind":"ticker","action":"new","thread":"fw-088skkv6aqvhrrk8acbc9jsmrr","item":{"headline":"Amal fire service: 9 people hurt when scaffolding fell in Quay Street","attribution":"Amal fire service","place":null,"published":null,"version":1,"language":"en","dir":"ltr","urgency":2},"source":{"name":"The Amal Courier","host":null},"page":{"name":"courier-harbour.txt","hash":"1113f67bac0d552d9b3c867f86cd7ce0","line":33,"time":"2026-10-14T00:00:00.000000Z","newestDate":"2026-10-14","url":null},"stale":true,"backfill":true,"rules":1,"timing":{"seenUs":1984966,"parsedUs":1991698,"judgedUs":1999922},"verdict":{"rule":"first","score":0.0,"of":null}}');
INSERT INTO "event" VALUES(5,X'C5CC53B071930C2BFD7297FA1D9DA0FD',1795239385151460,1791936000000000,X'C5CC53B071930C2BFD7297FA1D9DA0FD',1,NULL,NULL,'{"type":"event","seq":5,"id":"fw-65sh9v0wck1gnztwmqz8esv87x","time":"2026-11-21T05:36:25.151460Z","kind":"ticker","action":"new","thread":"fw-65sh9v0wck1gnztwmqz8esv87x","item":{"headline":"Harbour master Ilse Brandau: The outer basin stays closed until the wind drops below 40 knots","attribution":"Harbour master Ilse Brandau","place":null,"published":null,"version":1,"language":"en","dir":"ltr","urgency":2},"source":{"name":"The Amal Courier","host":null},"page":{"name":"courier-harbour.txt","hash":"1113f67bac0d552d9b3c867f86cd7ce0","line":32,"time":"2026-10-14T00:00:00.000000Z","newestDate":"2026-10-14","url":null},"stale":true,"backfill":true,"rules":1,"timing":{"seenUs":1984966,"parsedUs":1991698,"judgedUs":1999934},"verdict":{"rule":"first","score":0.0,"of":null}}');
INSERT INTO "event" VALUES(6,X'5994E6286544081DDB78196B52FEEEFB',1795239385151460,1791936000000000,X'5994E6286544081DDB78196B52FEEEFB',1,NULL,NULL,'{"type":"event","seq":6,"id":"fw-2sjkk2gsa410expy0sdd9fxvqv","time":"2026-11-21T05:36:25.151460Z","kind":"ticker","action":"new","thread":"fw-2sjkk2gsa410expy0sdd9fxvqv","item":{"headline":"Radio Vellin: Storm surge reaches the old mole of Port Amal, two ferries turn back","attribution":"Radio Vellin","place":null,"published":null,"version":1,"language":"en","dir":"ltr","urgency":2},"source":{"name":"The Amal Courier","host":null},"page":{"name":"courier-harbour.txt","hash":"1113f67bac0d552d9b3c867f86cd7ce0","line":31,"time":"2026-10-14T00:00:00.000000Z","newestDate":"2026-10-14","url":null},"stale":true,"backfill":true,"rules":1,"timing":{"seenUs":1984966,"parsedUs":1991698,"judgedUs":1999946},"verdict":{"rule":"first","score":0.0,"of":null}}');
INSERT INTO "event" VALUES(7,X'DEBE156C81B483BF134CE0B0A278367F',1795239385151460,1791936000000000,X'DEBE156C81B483BF134CE0B0A278367F',1,NULL,NULL,'{"type":"event","seq":7,"id":"fw-6yqraps0dmgezh6k70p2h7gdkz","time":"2026-11-21T05:36:25.151460Z","kind":"article","action":"new","thread":"fw-6yqraps0dmgezh6k70p2h7gdkz","item":{"headline":"Port Amal shuts its harbour as the autumn storm comes ashore","byline":"Nadia Ferrant","credit":"Northern Press Agency","creditFrom":"line","dateline":null,"published":"2026-10-14T17:20:00","publishedRaw":"14 Oct 2026 17:20","standfirst":"The port authority has closed both basins for the first time in nine years and asks islanders to put off every crossing that can wait.","body":"The port authority of Port Amal closed the outer basin at noon on Wednesday and the inner one three hours later, as gusts of up to 70 knots pushed the sea over the old mole and into Quay Street.\n\n\"We have had stronger winds, but never with a spring tide behind them,\" said the harbour master, Ilse Brandau, who has run the port since 2014. \"Whoever is on the water now should stay there and keep clear of the coast.\"\n\nTwo ferries from the mainland turned back after waiting for two hours off the lighthouse. About 600 passengers spent the night in a school in Vellin, where volunteers handed out blankets and soup.\n\nThe closure stops the island''s supply of fuel as well. The authority said the tanks in the western yard hold enough for eight days, and that hospitals and the fire service come first if they run low.\n\nQuay Street under water\n\nIn the lower town, firefighters pumped out 41 cellars before it grew dark. A scaffolding came down at the corner of Quay Street and Netmakers'' Lane shortly after four o''clock; nine people were hurt, one of them badly.\n\nTeo Marchetti, the mayor, said there was no reason to leave the lower town. \"The water is in the street, not in the houses,\" he told reporters in front of the town hall. \"Move your car, help your neighbour, and stay off the mole.\"\n\nForecasters expect the wind to turn north on Thursday morning and to drop below 40 knots by the evening. Until then the harbour stays shut.","images":[{"caption":"Waves break over the old mole of Port Amal on Wednesday afternoon, Oct. 14, 2026. (Northern Press Agency)","credit":"Northern Press Agency","alt":"Waves over the old mole"}],"keywords":["Port Amal","Storm","Harbour","Ferries","Ilse Brandau"],"url":null,"version":1,"language":"en","dir":"ltr","urgency":4},"source":{"name":"The Amal Courier","host":null},"page":{"name":"courier-harbour.txt","hash":"1113f67bac0d552d9b3c867f86cd7ce0","line":52,"time":"2026-10-14T00:00:00.000000Z","newestDate":"2026-10-14","url":null},"stale":true,"backfill":true,"rules":1,"timing":{"seenUs":1984966,"parsedUs":1991698,"judgedUs":2000159},"verdict":{"rule":"first","score":0.0,"of":null}}');
CREATE TABLE evidence (
            hash BLOB PRIMARY KEY,
            stored_at INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('backup','no');
INSERT INTO "meta" VALUES('boot','');
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
            UNIQUE (name, hash)
        ) STRICT;
INSERT INTO "page" VALUES(1,X'636F75726965722D686172626F75722E747874',X'1113F67BAC0D552D9B3C867F86CD7CE0',X'00FE00000000000050C0990000000000520D000000000000004065524DAF9818378F0C17B5F8E918','done',NULL,1,1795239383158631,1791936000000000,'backlog',0,'The Amal Courier',NULL,6,'{"article":9,"blank":33,"furniture:button":4,"furniture:footer":4,"furniture:menu":23,"furniture:related":5,"metadata":14,"ticker":7,"unclaimed":16}','[]');
INSERT INTO "page" VALUES(2,X'616761696E2E747874',X'1113F67BAC0D552D9B3C867F86CD7CE0',X'00FE00000000000002C0990000000000520D0000000000004E7ADA06B6F8E9184E7ADA06B6F8E918','done',NULL,1,1795239387173157,1795239387166571,'backlog',0,'The Amal Courier',NULL,6,'{"article":9,"blank":33,"furniture:button":4,"furniture:footer":4,"furniture:menu":23,"furniture:related":5,"metadata":14,"ticker":7,"unclaimed":16}','[]');
CREATE TABLE sighting (
            seq INTEGER NOT NULL,
            page INTEGER NOT NULL,
            line INTEGER NOT NULL,
            at INTEGER NOT NULL,
            source TEXT,
            PRIMARY KEY (seq, page, line)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "sighting" VALUES(1,1,36,1791936000000000,'The Amal Courier');
INSERT INTO "sighting" VALUES(1,2,36,1795239387166571,'The Amal Courier');
INSERT INTO "sighting" VALUES(2,1,35,1791936000000000,'The Amal Courier');
INSERT INTO "sighting" VALUES(2,2,35,1795239387166571,'The Amal Courier');
INSERT INTO "sighting" VALUES(3,1,34,1791936000000000,'The Amal Courier');
INSERT INTO "sighting" VALUES(3,2,34,1795239387166571,'The Amal Courier');
INSERT INTO "sighting" VALUES(4,1,33,1791936000000000,'The Amal Courier');
INSERT INTO "sighting" VALUES(4,2,33,1795239387166571,'The Amal Courier');
INSERT INTO "sighting" VALUES(5,1,32,1791936000000000,'The Amal Courier');
INSERT INTO "sighting" VALUES(5,2,32,1795239387166571,'The Amal Courier');
INSERT INTO "sighting" VALUES(6,1,31,1791936000000000,'The Amal Courier');
INSERT INTO "sighting" VALUES(6,2,31,1795239387166571,'The Amal Courier');
INSERT INTO "sighting" VALUES(7,1,52,1791936000000000,'The Amal Courier');
INSERT INTO "sighting" VALUES(7,2,52,1795239387166571,'The Amal Courier');
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
INSERT INTO "told" VALUES(X'318E4855EC2E9361E47B4B6C89EB25F0',X'AA8EDFB2F7E21F71448CE3AF1B9A4C14',2,1791936000000000);
INSERT INTO "told" VALUES(X'85CDBFC8C62807A9CCF3B19BD807D9E4',X'0846673D9957DC7189A14C5B132CD318',4,1791936000000000);
INSERT INTO "told" VALUES(X'8A0AFB1BF712631D3F2AAA6C137F676D',X'C5CC53B071930C2BFD7297FA1D9DA0FD',5,1791936000000000);
INSERT INTO "told" VALUES(X'93C8533EDF7CD5EEAC986C9D1000B2A2',X'75DAD8AF78DFD6C76ADCCC4384CC6872',3,1791936000000000);
INSERT INTO "told" VALUES(X'B1FC191F0020D9CB921DA5206B8288C8',X'DEBE156C81B483BF134CE0B0A278367F',7,1791936000000000);
INSERT INTO "told" VALUES(X'B7B05209433AB52BFA1690E422C2580C',X'05C960EC81C2B5157FDD1CC8B5EACE14',1,1791936000000000);
INSERT INTO "told" VALUES(X'F3F7E5FEE6985FC1322B13BABB96A85F',X'5994E6286544081DDB78196B52FEEEFB',6,1791936000000000);
CREATE INDEX event_at ON event (at);
CREATE INDEX event_page_at ON event (page_at);
CREATE INDEX event_supersedes ON event (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX alias_at ON alias (at);
CREATE INDEX page_hash ON page (hash);
CREATE INDEX page_source ON page (source, page_at) WHERE ticker_lines > 0;
CREATE INDEX sighting_page ON sighting (page);
COMMIT;
