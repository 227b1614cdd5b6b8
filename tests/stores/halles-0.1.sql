BEGIN TRANSACTION;
CREATE TABLE events (
	run VARCHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (run, seq)
);
INSERT INTO "events" VALUES('21075b6ad4185aeb',1,'{"run":"21075b6ad4185aeb","seq":1,"at":1795376373.4373314,"type":"run-started","plan":{"pipeline":{"id":"test","name":"","description":"","inputs":{"text":{"media":"text/plain","description":"","optional":false,"many":false,"schema":null,"default":null}},"outputs":{"out":"a.output"},"steps":[{"id":"a","service":"shout","params":{},"inputs":{"text":"inputs.text"},"when":null,"map":null,"timeout":null}],"layout":{}},"tasks":[{"id":"a","service":"shout","version":"1.0","identity":"13bb605232932cb884062cb21241c7dd3999ef5e352dcee2bdacd5e5272aff77","params":{"times":1},"inputs":{"text":"inputs.text"},"required":["text"],"outputs":["output"],"needs":[],"when":null,"map":null,"weights":[],"cacheable":true,"retry":{"attempts":2,"pause":0.5,"factor":2.0},"timeout":600.0}],"seed":0},"inputs":{"text":{"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","media_type":"text/plain","size":5}}}');
INSERT INTO "events" VALUES('21075b6ad4185aeb',2,'{"run":"21075b6ad4185aeb","seq":2,"at":1795376373.4741406,"type":"step-changed","step":{"id":"a","status":"running","attempt":1,"started":1795376373.4583201,"finished":null,"progress":null,"outputs":{},"cached":false,"keys":[],"reason":"","problem":null}}');
INSERT INTO "events" VALUES('21075b6ad4185aeb',3,'{"run":"21075b6ad4185aeb","seq":3,"at":1795376373.4773257,"type":"step-changed","step":{"id":"a","status":"finished","attempt":1,"started":1795376373.4583201,"finished":1795376373.4772708,"progress":null,"outputs":{"output":{"sha256":"3733cd977ff8eb18b987357e22ced99f46097f31ecb239e878ae63760e83e4d5","media_type":"text/plain","size":5}},"cached":false,"keys":["931f52c7a95bffd39c7d8cb351e01fe0e74e5342c13b93861d646eb04b10c242"],"reason":"","problem":null}}');
INSERT INTO "events" VALUES('21075b6ad4185aeb',4,'{"run":"21075b6ad4185aeb","seq":4,"at":1795376373.4776902,"type":"run-finished","status":"finished","outputs":{"out":{"sha256":"3733cd977ff8eb18b987357e22ced99f46097f31ecb239e878ae63760e83e4d5","media_type":"text/plain","size":5}},"problems":[]}');
INSERT INTO "events" VALUES('606fe18f13157b17',1,'{"run":"606fe18f13157b17","seq":1,"at":1795376373.482577,"type":"run-started","plan":{"pipeline":{"id":"test","name":"","description":"","inputs":{"text":{"media":"text/plain","description":"","optional":false,"many":false,"schema":null,"default":null}},"outputs":{"out":"f.output"},"steps":[{"id":"f","service":"flaky","params":{"failures":9},"inputs":{"text":"inputs.text"},"when":null,"map":null,"timeout":null}],"layout":{}},"tasks":[{"id":"f","service":"flaky","version":"1.0","identity":"761e34962ca273f50ea910d114a243c01ca3fee9692e46cb06dc9cb613ffbde8","params":{"failures":9},"inputs":{"text":"inputs.text"},"required":["text"],"outputs":["output"],"needs":[],"when":null,"map":null,"weights":[],"cacheable":true,"retry":{"attempts":3,"pause":0.01,"factor":2.0},"timeout":600.0}],"seed":0},"inputs":{"text":{"sha256":"9390298f3fb0c5b160498935d79cb139aef28e1c47358b4bbba61862b9c26e59","media_type":"text/plain","size":2}}}');
INSERT INTO "events" VALUES('606fe18f13157b17',2,'{"run":"606fe18f13157b17","seq":2,"at":1795376373.4845166,"type":"step-changed","step":{"id":"f","status":"running","attempt":1,"started":1795376373.4837153,"finished":null,"progress":null,"outputs":{},"cached":false,"keys":[],"reason":"","problem":null}}');
INSERT INTO "events" VALUES('606fe18f13157b17',3,'{"run":"606fe18f13157b17","seq":3,"at":1795376373.4957833,"type":"step-changed","step":{"id":"f","status":"running","attempt":2,"started":1795376373.4837153,"finished":null,"progress":null,"outputs":{},"cached":false,"keys":[],"reason":"","problem":null}}');
INSERT INTO "events" VALUES('606fe18f13157b17',4,'{"run":"606fe18f13157b17","seq":4,"at":1795376373.5178332,"type":"step-changed","step":{"id":"f","status":"running","attempt":3,"started":1795376373.4837153,"finished":null,"progress":null,"outputs":{},"cached":false,"keys":[],"reason":"","problem":null}}');
INSERT INTO "events" VALUES('606fe18f13157b17',5,'{"run":"606fe18f13157b17","seq":5,"at":1795376373.518697,"type":"step-changed","step":{"id":"f","status":"failed","attempt":3,"started":1795376373.4837153,"finished":1795376373.518669,"progress":null,"outputs":{},"cached":false,"keys":[],"reason":"","problem":{"code":"service-failed","message":"`flaky` failed: ConnectionError: the line was busy (shelf.py:65)","step":"f","port":null,"suggestions":[]}}}');
INSERT INTO "events" VALUES('606fe18f13157b17',6,'{"run":"606fe18f13157b17","seq":6,"at":1795376373.5190272,"type":"run-finished","status":"failed","outputs":{},"problems":[{"code":"service-failed","message":"`flaky` failed: ConnectionError: the line was busy (shelf.py:65)","step":"f","port":null,"suggestions":[]}]}');
CREATE TABLE made (
	sha256 VARCHAR(64) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	PRIMARY KEY (sha256, "key")
);
INSERT INTO "made" VALUES('3733cd977ff8eb18b987357e22ced99f46097f31ecb239e878ae63760e83e4d5','931f52c7a95bffd39c7d8cb351e01fe0e74e5342c13b93861d646eb04b10c242');
CREATE TABLE results (
	"key" VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "results" VALUES('931f52c7a95bffd39c7d8cb351e01fe0e74e5342c13b93861d646eb04b10c242','{"key":"931f52c7a95bffd39c7d8cb351e01fe0e74e5342c13b93861d646eb04b10c242","service":"shout","version":"1.0","identity":"13bb605232932cb884062cb21241c7dd3999ef5e352dcee2bdacd5e5272aff77","weights":[],"params":{"times":1},"inputs":{"text":{"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","media_type":"text/plain","size":5}},"outputs":{"output":{"sha256":"3733cd977ff8eb18b987357e22ced99f46097f31ecb239e878ae63760e83e4d5","media_type":"text/plain","size":5}},"created":1795376373.4735453,"seconds":0.002109050750732422}',1.79537637347354531291e+09);
CREATE TABLE runs (
	id VARCHAR(32) NOT NULL, 
	pipeline VARCHAR(200) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	created FLOAT NOT NULL, 
	updated FLOAT NOT NULL, 
	cancel BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('21075b6ad4185aeb','test','finished',1.79537637343733143813e+09,1.79537637347769021985e+09,0);
INSERT INTO "runs" VALUES('606fe18f13157b17','test','failed',1.7953763734825770855e+09,1.79537637351902723309e+09,0);
CREATE INDEX ix_results_created ON results (created);
CREATE INDEX ix_runs_created ON runs (created);
COMMIT;
