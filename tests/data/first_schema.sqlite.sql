BEGIN TRANSACTION;
CREATE TABLE adverse_event (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	actuality TEXT, 
	term TEXT, 
	soc TEXT, 
	term_group TEXT, 
	term_system TEXT, 
	term_code TEXT, 
	term_text TEXT, 
	onset TEXT, 
	onset_lo BIGINT, 
	onset_hi BIGINT, 
	detected TEXT, 
	detected_lo BIGINT, 
	detected_hi BIGINT, 
	recorded TEXT, 
	recorded_lo BIGINT, 
	recorded_hi BIGINT, 
	"end" TEXT, 
	end_lo BIGINT, 
	end_hi BIGINT, 
	grade BIGINT, 
	severity TEXT, 
	seriousness TEXT, 
	outcome TEXT, 
	causality TEXT, 
	relatedness TEXT, 
	led_to_stop BOOLEAN, 
	identifier TEXT, 
	in_error BOOLEAN, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "adverse_event" VALUES(1,1099511627845,'made-57',1,4,0,'made-57','made-33','actual','Anemia','Blood and lymphatic system disorders',NULL,'https://www.meddra.org','10002272','Anemia','2013-09-18',15966,15966,NULL,NULL,NULL,NULL,NULL,NULL,'2013-09-21',15969,15969,2,'moderate','Non-serious','resolved','Unlikely','not-related',NULL,'https://hal-bangkok.example/adverse-events|0002-024',0);
INSERT INTO "adverse_event" VALUES(1,1099511627846,'made-58',1,4,0,'made-58','made-33','actual','Alopecia','Skin and subcutaneous tissue disorders',NULL,'https://www.meddra.org','10001760','Alopecia','2013-10-02T00:50:00+07:00',15980,15980,NULL,NULL,NULL,NULL,NULL,NULL,'2013-10-09',15987,15987,4,'severe','Non-serious','resolved','Probably-Likely','related',1,'https://hal-bangkok.example/adverse-events|0002-025',0);
INSERT INTO "adverse_event" VALUES(1,1099511627847,'made-59',1,4,0,'made-59','made-33','actual','Peripheral sensory neuropathy','Nervous system disorders','Peripheral neuropathy (grouped)','https://www.meddra.org','10034620','Peripheral sensory neuropathy','2013-10-08T00:23:00+07:00',15986,15986,NULL,NULL,NULL,NULL,NULL,NULL,'2013-10-20',15998,15998,3,'severe','Serious','resolved','Unlikely','not-related',NULL,'https://hal-bangkok.example/adverse-events|0002-026',0);
INSERT INTO "adverse_event" VALUES(1,1099511627848,'made-60',1,4,0,'made-60','made-33','actual','Neutrophil count decreased','Investigations','Neutropenia (grouped)','https://www.meddra.org','10029366','Neutrophil count decreased','2013-07-17T00:44:00+07:00',15903,15903,NULL,NULL,NULL,NULL,NULL,NULL,'2013-07-27',15913,15913,2,'moderate','Non-serious','resolved','Probably-Likely','related',NULL,'https://hal-bangkok.example/adverse-events|0002-027',0);
INSERT INTO "adverse_event" VALUES(1,1099511627849,'made-61',1,4,0,'made-61','made-33','actual','Neutrophil count decreased','Investigations','Neutropenia (grouped)','https://www.meddra.org','10029366','Neutrophil count decreased','2013-09-21T00:54:00+07:00',15969,15969,NULL,NULL,NULL,NULL,NULL,NULL,'2013-09-30',15978,15978,3,'severe','Non-serious','resolved','Probably-Likely','related',NULL,'https://hal-bangkok.example/adverse-events|0002-028',0);
INSERT INTO "adverse_event" VALUES(2,2199023255580,'made-126',1,2,0,'made-126','made-102','actual','Anemia','Blood and lymphatic system disorders',NULL,'https://www.meddra.org','10002272','Anemia','2013-09-18',15966,15966,NULL,NULL,NULL,NULL,NULL,NULL,'2013-09-21',15969,15969,2,'moderate','Non-serious','resolved','Unlikely','not-related',NULL,'https://hal-bangkok.example/adverse-events|0002-024',0);
INSERT INTO "adverse_event" VALUES(2,2199023255581,'made-127',1,2,0,'made-127','made-102','actual','Alopecia','Skin and subcutaneous tissue disorders',NULL,'https://www.meddra.org','10001760','Alopecia','2013-10-02T00:50:00+07:00',15980,15980,NULL,NULL,NULL,NULL,NULL,NULL,'2013-10-09',15987,15987,4,'severe','Non-serious','resolved','Probably-Likely','related',1,'https://hal-bangkok.example/adverse-events|0002-025',0);
INSERT INTO "adverse_event" VALUES(2,2199023255582,'made-128',1,2,0,'made-128','made-102','actual','Peripheral sensory neuropathy','Nervous system disorders','Peripheral neuropathy (grouped)','https://www.meddra.org','10034620','Peripheral sensory neuropathy','2013-10-08T00:23:00+07:00',15986,15986,NULL,NULL,NULL,NULL,NULL,NULL,'2013-10-20',15998,15998,3,'severe','Serious','resolved','Unlikely','not-related',NULL,'https://hal-bangkok.example/adverse-events|0002-026',0);
INSERT INTO "adverse_event" VALUES(2,2199023255583,'made-129',1,2,0,'made-129','made-102','actual','Neutrophil count decreased','Investigations','Neutropenia (grouped)','https://www.meddra.org','10029366','Neutrophil count decreased','2013-07-17T00:44:00+07:00',15903,15903,NULL,NULL,NULL,NULL,NULL,NULL,'2013-07-27',15913,15913,2,'moderate','Non-serious','resolved','Probably-Likely','related',NULL,'https://hal-bangkok.example/adverse-events|0002-027',0);
INSERT INTO "adverse_event" VALUES(2,2199023255584,'made-130',1,2,0,'made-130','made-102','actual','Neutrophil count decreased','Investigations','Neutropenia (grouped)','https://www.meddra.org','10029366','Neutrophil count decreased','2013-09-21T00:54:00+07:00',15969,15969,NULL,NULL,NULL,NULL,NULL,NULL,'2013-09-30',15978,15978,3,'severe','Non-serious','resolved','Probably-Likely','related',NULL,'https://hal-bangkok.example/adverse-events|0002-028',0);
CREATE TABLE analysis (
	analysis INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	site SMALLINT NOT NULL, 
	study TEXT NOT NULL, 
	start BIGINT, 
	cutoff BIGINT NOT NULL, 
	definition TEXT NOT NULL, 
	complete SMALLINT NOT NULL, 
	submission BIGINT NOT NULL, 
	written BIGINT NOT NULL, 
	strays BIGINT NOT NULL
);
INSERT INTO "analysis" VALUES(1,1,'halaven',NULL,20269,'100900524a61af9684107d4412e3e64746cce23dc9fb4cb5fb6ed381f31dc3f6',1,13,1700000182000000,1);
CREATE TABLE analysis_finding (
	site SMALLINT NOT NULL, 
	analysis INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	rule TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	resource TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (analysis, subject, number)
)
 WITHOUT ROWID

;
CREATE TABLE analysis_stray (
	site SMALLINT NOT NULL, 
	analysis INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	records INTEGER NOT NULL, 
	PRIMARY KEY (analysis, "key")
)
 WITHOUT ROWID

;
INSERT INTO "analysis_stray" VALUES(1,1,'made-1',1);
CREATE TABLE analysis_subject (
	site SMALLINT NOT NULL, 
	analysis INTEGER NOT NULL, 
	measure TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT, 
	index_day BIGINT, 
	answer TEXT NOT NULL, 
	PRIMARY KEY (analysis, measure, subject)
)
 WITHOUT ROWID

;
INSERT INTO "analysis_subject" VALUES(1,1,'halaven-adverse-events','made-0','analysed',NULL,17213,'[[[],[],[],[],[],[],[],[],0,136,136],[],[["age","<65"],["hormone-receptor","missing"],["her2","negative"],["visceral-metastasis","no"],["line","2"],["ecog","missing"],["sex","female"],["age-group","40-49"],["menopause","missing"],["disease-onset","recurrent"]],[]]');
INSERT INTO "analysis_subject" VALUES(1,1,'halaven-adverse-events','made-33','analysed',NULL,15948,'[[["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],[["Blood and lymphatic system disorders",2],["Investigations",3],["Nervous system disorders",3],["Skin and subcutaneous tissue disorders",4]],[["Blood and lymphatic system disorders","Anemia",2],["Investigations","Neutrophil count decreased",3],["Nervous system disorders","Peripheral sensory neuropathy",3],["Skin and subcutaneous tissue disorders","Alopecia",4]],[["Neutropenia (grouped)",3],["Peripheral neuropathy (grouped)",3]],["new","new","new","recurrence-intensity","resolved-before-first-dose"],[],4,19,80],[],[["age","<65"],["hormone-receptor","missing"],["her2","negative"],["visceral-metastasis","no"],["line","2"],["ecog","missing"],["sex","female"],["age-group","<40"],["menopause","missing"],["disease-onset","recurrent"]],[]]');
INSERT INTO "analysis_subject" VALUES(1,1,'halaven-dcr','made-0','analysed',NULL,17213,'[["SD",true],[],[["age","<65"],["hormone-receptor","missing"],["her2","negative"],["visceral-metastasis","no"],["line","2"],["ecog","missing"],["sex","female"],["age-group","40-49"],["menopause","missing"],["disease-onset","recurrent"]],[]]');
INSERT INTO "analysis_subject" VALUES(1,1,'halaven-dcr','made-33','analysed',NULL,15948,'[["PD",true],[],[["age","<65"],["hormone-receptor","missing"],["her2","negative"],["visceral-metastasis","no"],["line","2"],["ecog","missing"],["sex","female"],["age-group","<40"],["menopause","missing"],["disease-onset","recurrent"]],[]]');
CREATE TABLE analysis_tally (
	site SMALLINT NOT NULL, 
	analysis INTEGER NOT NULL, 
	measure TEXT NOT NULL, 
	tally TEXT NOT NULL, 
	PRIMARY KEY (analysis, measure)
);
INSERT INTO "analysis_tally" VALUES(1,1,'halaven-adverse-events','{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"three_part":{"values":["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],"n":[1,1,1,1,1,1]},"ich":{"values":["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],"n":[1,1,1,1,1,1]},"uncapped":{"values":["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],"n":[1,1,1,1,1,1]},"socs":{"values":[["Blood and lymphatic system disorders",2],["Investigations",3],["Nervous system disorders",3],["Skin and subcutaneous tissue disorders",4]],"n":[1,1,1,1]},"terms":{"values":[["Blood and lymphatic system disorders","Anemia",2],["Investigations","Neutrophil count decreased",3],["Nervous system disorders","Peripheral sensory neuropathy",3],["Skin and subcutaneous tissue disorders","Alopecia",4]],"n":[1,1,1,1]},"groups":{"values":[["Neutropenia (grouped)",3],["Peripheral neuropathy (grouped)",3]],"n":[1,1]},"reasons":{"values":["new","recurrence-intensity","resolved-before-first-dose"],"n":[3,1,1]},"events":{"values":[0,4],"n":[1,1]},"days_to_first":{"values":[136,19],"n":[1,1]},"days":{"values":[136,80],"n":[1,1]}},"exclusions":{},"unread":{},"unread_outside":{},"supplemental":{"age":{"<65":2},"hormone-receptor":{"missing":2},"her2":{"negative":2},"visceral-metastasis":{"no":2},"line":{"2":2},"ecog":{"missing":2},"sex":{"female":2},"age-group":{"40-49":1,"<40":1},"menopause":{"missing":2},"disease-onset":{"recurrent":2}},"strata":{"age":{"<65":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"three_part":{"values":["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],"n":[1,1,1,1,1,1]}}}},"hormone-receptor":{"missing":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"three_part":{"values":["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],"n":[1,1,1,1,1,1]}}}},"her2":{"negative":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"three_part":{"values":["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],"n":[1,1,1,1,1,1]}}}},"visceral-metastasis":{"no":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"three_part":{"values":["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],"n":[1,1,1,1,1,1]}}}},"line":{"2":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"three_part":{"values":["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],"n":[1,1,1,1,1,1]}}}},"ecog":{"missing":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"three_part":{"values":["any","serious","grade3plus","related","related-or-unassessed","discontinuation"],"n":[1,1,1,1,1,1]}}}}}}');
INSERT INTO "analysis_tally" VALUES(1,1,'halaven-dcr','{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"best":{"values":["SD","PD"],"n":[1,1]},"assessed":{"values":[true],"n":[2]}},"exclusions":{},"unread":{},"unread_outside":{},"supplemental":{"age":{"<65":2},"hormone-receptor":{"missing":2},"her2":{"negative":2},"visceral-metastasis":{"no":2},"line":{"2":2},"ecog":{"missing":2},"sex":{"female":2},"age-group":{"40-49":1,"<40":1},"menopause":{"missing":2},"disease-onset":{"recurrent":2}},"strata":{"age":{"<65":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"best":{"values":["SD","PD"],"n":[1,1]}}}},"hormone-receptor":{"missing":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"best":{"values":["SD","PD"],"n":[1,1]}}}},"her2":{"negative":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"best":{"values":["SD","PD"],"n":[1,1]}}}},"visceral-metastasis":{"no":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"best":{"values":["SD","PD"],"n":[1,1]}}}},"line":{"2":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"best":{"values":["SD","PD"],"n":[1,1]}}}},"ecog":{"missing":{"denominator":2,"flags":{},"indexes":{"values":[17213,15948],"n":[1,1]},"fields":{"best":{"values":["SD","PD"],"n":[1,1]}}}}}}');
CREATE TABLE change (
	site SMALLINT NOT NULL, 
	"key" TEXT NOT NULL, 
	submission BIGINT NOT NULL, 
	PRIMARY KEY (site, "key")
)
 WITHOUT ROWID

;
INSERT INTO "change" VALUES(1,'made-0',3);
INSERT INTO "change" VALUES(1,'Medication/made-40',4);
INSERT INTO "change" VALUES(1,'Medication/made-42',4);
INSERT INTO "change" VALUES(1,'Medication/made-44',4);
INSERT INTO "change" VALUES(1,'Medication/made-46',4);
INSERT INTO "change" VALUES(1,'Medication/made-48',4);
INSERT INTO "change" VALUES(1,'made-33',4);
INSERT INTO "change" VALUES(1,'made-67',5);
INSERT INTO "change" VALUES(1,'made-137',7);
INSERT INTO "change" VALUES(1,'made-136',8);
INSERT INTO "change" VALUES(1,'made-1',13);
INSERT INTO "change" VALUES(2,'Medication/made-109',2);
INSERT INTO "change" VALUES(2,'Medication/made-111',2);
INSERT INTO "change" VALUES(2,'Medication/made-113',2);
INSERT INTO "change" VALUES(2,'Medication/made-115',2);
INSERT INTO "change" VALUES(2,'Medication/made-117',2);
INSERT INTO "change" VALUES(2,'made-102',2);
CREATE TABLE condition (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	kind TEXT, 
	verification TEXT, 
	stage TEXT, 
	onset TEXT, 
	onset_lo BIGINT, 
	onset_hi BIGINT, 
	site TEXT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "condition" VALUES(1,1099511627790,'made-2',1,3,0,'made-2','made-0','breast','confirmed',NULL,'2012-10',15614,15644,NULL);
INSERT INTO "condition" VALUES(1,1099511627791,'made-3',1,3,0,'made-3','made-0','distant','confirmed',NULL,'2016-03-29T10:25:00+09:00',16889,16889,'bone');
INSERT INTO "condition" VALUES(1,1099511627823,'made-35',1,4,0,'made-35','made-33','breast','confirmed',NULL,'2008-07',14061,14091,NULL);
INSERT INTO "condition" VALUES(1,1099511627824,'made-36',1,4,0,'made-36','made-33','distant','confirmed',NULL,'2013-01-14T00:49:00+07:00',15719,15719,'bone');
INSERT INTO "condition" VALUES(1,1099511627856,'made-68',1,5,0,'made-68','made-67','breast','confirmed',NULL,'2011-12',15309,15339,NULL);
INSERT INTO "condition" VALUES(1,1099511627857,'made-69',1,5,0,'made-69','made-67','distant','confirmed',NULL,'2014-09-14T00:24:00+08:00',16327,16327,NULL);
INSERT INTO "condition" VALUES(2,2199023255558,'made-104',1,2,0,'made-104','made-102','breast','confirmed',NULL,'2008-07',14061,14091,NULL);
INSERT INTO "condition" VALUES(2,2199023255559,'made-105',1,2,0,'made-105','made-102','distant','confirmed',NULL,'2013-01-14T00:49:00+07:00',15719,15719,'bone');
CREATE TABLE encounter (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	status TEXT, 
	visit TEXT, 
	start TEXT, 
	start_lo BIGINT, 
	start_hi BIGINT, 
	"end" TEXT, 
	end_lo BIGINT, 
	end_hi BIGINT, 
	disposition TEXT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "encounter" VALUES(1,1099511627814,'made-26',1,3,0,'made-26','made-0','finished',NULL,'2017-02-23',17220,17220,'2017-02-23',17220,17220,NULL);
INSERT INTO "encounter" VALUES(1,1099511627815,'made-27',1,3,0,'made-27','made-0','finished',NULL,'2017-03-09',17234,17234,'2017-03-09',17234,17234,NULL);
INSERT INTO "encounter" VALUES(1,1099511627816,'made-28',1,3,0,'made-28','made-0','finished',NULL,'2017-03-16',17241,17241,'2017-03-16',17241,17241,NULL);
INSERT INTO "encounter" VALUES(1,1099511627817,'made-29',1,3,0,'made-29','made-0','finished',NULL,'2017-04-06',17262,17262,'2017-04-06',17262,17262,NULL);
INSERT INTO "encounter" VALUES(1,1099511627818,'made-30',1,3,0,'made-30','made-0','finished',NULL,'2017-06-01',17318,17318,'2017-06-01',17318,17318,NULL);
INSERT INTO "encounter" VALUES(1,1099511627819,'made-31',1,3,0,'made-31','made-0','finished',NULL,'2017-08-13',17391,17391,'2017-08-13',17391,17391,NULL);
INSERT INTO "encounter" VALUES(1,1099511627820,'made-32',1,3,0,'made-32','made-0','cancelled',NULL,'2018-09-17',17791,17791,'2018-09-17',17791,17791,NULL);
INSERT INTO "encounter" VALUES(1,1099511627850,'made-62',1,4,0,'made-62','made-33','finished',NULL,'2013-08-31',15948,15948,'2013-08-31',15948,15948,NULL);
INSERT INTO "encounter" VALUES(1,1099511627851,'made-63',1,4,0,'made-63','made-33','finished',NULL,'2013-10-12',15990,15990,'2013-10-12',15990,15990,NULL);
INSERT INTO "encounter" VALUES(1,1099511627852,'made-64',1,4,0,'made-64','made-33','finished',NULL,'2013-10-19',15997,15997,'2013-10-19',15997,15997,NULL);
INSERT INTO "encounter" VALUES(1,1099511627853,'made-65',1,4,0,'made-65','made-33','finished',NULL,'2014-04-16',16176,16176,'2014-04-16',16176,16176,NULL);
INSERT INTO "encounter" VALUES(1,1099511627854,'made-66',1,4,0,'made-66','made-33','cancelled',NULL,'2015-05-21',16576,16576,'2015-05-21',16576,16576,NULL);
INSERT INTO "encounter" VALUES(1,1099511627888,'made-100',1,5,0,'made-100','made-67','finished',NULL,'2016-07-20',17002,17002,'2016-07-20',17002,17002,NULL);
INSERT INTO "encounter" VALUES(1,1099511627889,'made-101',1,5,0,'made-101','made-67','cancelled',NULL,'2017-08-24',17402,17402,'2017-08-24',17402,17402,NULL);
INSERT INTO "encounter" VALUES(1,1099511627882,'made-94',1,5,0,'made-94','made-67','finished',NULL,'2015-11-09',16748,16748,'2015-11-09',16748,16748,NULL);
INSERT INTO "encounter" VALUES(1,1099511627883,'made-95',1,5,0,'made-95','made-67','finished',NULL,'2015-12-21',16790,16790,'2015-12-21',16790,16790,NULL);
INSERT INTO "encounter" VALUES(1,1099511627884,'made-96',1,5,0,'made-96','made-67','finished',NULL,'2016-01-11',16811,16811,'2016-01-11',16811,16811,NULL);
INSERT INTO "encounter" VALUES(1,1099511627885,'made-97',1,5,0,'made-97','made-67','finished',NULL,'2016-01-18',16818,16818,'2016-01-18',16818,16818,NULL);
INSERT INTO "encounter" VALUES(1,1099511627886,'made-98',1,5,0,'made-98','made-67','finished',NULL,'2016-02-01',16832,16832,'2016-02-01',16832,16832,NULL);
INSERT INTO "encounter" VALUES(1,1099511627887,'made-99',1,5,0,'made-99','made-67','finished',NULL,'2016-02-08',16839,16839,'2016-02-08',16839,16839,NULL);
INSERT INTO "encounter" VALUES(2,2199023255585,'made-131',1,2,0,'made-131','made-102','finished',NULL,'2013-08-31',15948,15948,'2013-08-31',15948,15948,NULL);
INSERT INTO "encounter" VALUES(2,2199023255586,'made-132',1,2,0,'made-132','made-102','finished',NULL,'2013-10-12',15990,15990,'2013-10-12',15990,15990,NULL);
INSERT INTO "encounter" VALUES(2,2199023255587,'made-133',1,2,0,'made-133','made-102','finished',NULL,'2013-10-19',15997,15997,'2013-10-19',15997,15997,NULL);
INSERT INTO "encounter" VALUES(2,2199023255588,'made-134',1,2,0,'made-134','made-102','finished',NULL,'2014-04-16',16176,16176,'2014-04-16',16176,16176,NULL);
INSERT INTO "encounter" VALUES(2,2199023255589,'made-135',1,2,0,'made-135','made-102','cancelled',NULL,'2015-05-21',16576,16576,'2015-05-21',16576,16576,NULL);
CREATE TABLE episode_of_care (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	status TEXT, 
	line BIGINT, 
	intent TEXT, 
	start TEXT, 
	start_lo BIGINT, 
	start_hi BIGINT, 
	"end" TEXT, 
	end_lo BIGINT, 
	end_hi BIGINT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
CREATE TABLE index_date (
	site SMALLINT NOT NULL, 
	rid BIGINT NOT NULL, 
	param INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	lo BIGINT NOT NULL, 
	hi BIGINT NOT NULL, 
	PRIMARY KEY (site, param, lo, hi, rid, item)
)
 WITHOUT ROWID

;
INSERT INTO "index_date" VALUES(1,1099511627777,893377592,0,1222819200000000,4611686018427387904);
INSERT INTO "index_date" VALUES(1,1099511627779,893377592,0,1675209600000000,1722470400000000);
INSERT INTO "index_date" VALUES(1,1099511627788,55005760,0,-76377600000000,-73699200000000);
INSERT INTO "index_date" VALUES(1,1099511627789,1664856255,0,1487116800000000,4611686018427387904);
INSERT INTO "index_date" VALUES(1,1099511627790,1478702102,0,1349049600000000,1351728000000000);
INSERT INTO "index_date" VALUES(1,1099511627791,1150929411,0,1459209600000000,1459296000000000);
INSERT INTO "index_date" VALUES(1,1099511627791,1478702102,0,1459214700000000,1459214701000000);
INSERT INTO "index_date" VALUES(1,1099511627792,457587661,0,1350919080000000,1350919081000000);
INSERT INTO "index_date" VALUES(1,1099511627793,457587661,0,1459209600000000,1459296000000000);
INSERT INTO "index_date" VALUES(1,1099511627794,1006427733,0,1352246400000000,1352332800000000);
INSERT INTO "index_date" VALUES(1,1099511627795,1738901446,0,1354838400000000,1362182400000000);
INSERT INTO "index_date" VALUES(1,1099511627796,1738901446,0,1354838400000000,1362182400000000);
INSERT INTO "index_date" VALUES(1,1099511627797,1738901446,0,1460073600000000,1467936000000000);
INSERT INTO "index_date" VALUES(1,1099511627798,2017842977,0,1487213820000000,1487213821000000);
INSERT INTO "index_date" VALUES(1,1099511627799,2017842977,0,1487811720000000,1487811721000000);
INSERT INTO "index_date" VALUES(1,1099511627800,2017842977,0,1489042440000000,1489042441000000);
INSERT INTO "index_date" VALUES(1,1099511627801,2017842977,0,1489629540000000,1489629541000000);
INSERT INTO "index_date" VALUES(1,1099511627802,2017842977,0,1490844240000000,1490844241000000);
INSERT INTO "index_date" VALUES(1,1099511627803,2017842977,0,1491405000000000,1491405001000000);
INSERT INTO "index_date" VALUES(1,1099511627804,2017842977,0,1492614780000000,1492614781000000);
INSERT INTO "index_date" VALUES(1,1099511627805,2017842977,0,1493248020000000,1493248021000000);
INSERT INTO "index_date" VALUES(1,1099511627806,2017842977,0,1494458220000000,1494458221000000);
INSERT INTO "index_date" VALUES(1,1099511627807,2017842977,0,1495085220000000,1495085221000000);
INSERT INTO "index_date" VALUES(1,1099511627808,2017842977,0,1496245920000000,1496245921000000);
INSERT INTO "index_date" VALUES(1,1099511627809,2017842977,0,1496903040000000,1496903041000000);
INSERT INTO "index_date" VALUES(1,1099511627810,457587661,0,1487119680000000,1487119681000000);
INSERT INTO "index_date" VALUES(1,1099511627811,457587661,0,1491782400000000,1491868800000000);
INSERT INTO "index_date" VALUES(1,1099511627812,457587661,0,1496620800000000,1496707200000000);
INSERT INTO "index_date" VALUES(1,1099511627813,457587661,0,1501804800000000,1501891200000000);
INSERT INTO "index_date" VALUES(1,1099511627814,985716664,0,1487808000000000,1487894400000000);
INSERT INTO "index_date" VALUES(1,1099511627815,985716664,0,1489017600000000,1489104000000000);
INSERT INTO "index_date" VALUES(1,1099511627816,985716664,0,1489622400000000,1489708800000000);
INSERT INTO "index_date" VALUES(1,1099511627817,985716664,0,1491436800000000,1491523200000000);
INSERT INTO "index_date" VALUES(1,1099511627818,985716664,0,1496275200000000,1496361600000000);
INSERT INTO "index_date" VALUES(1,1099511627819,985716664,0,1502582400000000,1502668800000000);
INSERT INTO "index_date" VALUES(1,1099511627820,985716664,0,1537142400000000,1537228800000000);
INSERT INTO "index_date" VALUES(1,1099511627821,55005760,0,189302400000000,220924800000000);
INSERT INTO "index_date" VALUES(1,1099511627821,722616706,0,1399710180000000,1399710181000000);
INSERT INTO "index_date" VALUES(1,1099511627822,1664856255,0,1377820800000000,4611686018427387904);
INSERT INTO "index_date" VALUES(1,1099511627823,1478702102,0,1214870400000000,1217548800000000);
INSERT INTO "index_date" VALUES(1,1099511627824,1150929411,0,1358121600000000,1358208000000000);
INSERT INTO "index_date" VALUES(1,1099511627824,1478702102,0,1358099340000000,1358099341000000);
INSERT INTO "index_date" VALUES(1,1099511627825,457587661,0,1217584740000000,1217584741000000);
INSERT INTO "index_date" VALUES(1,1099511627826,457587661,0,1358098560000000,1358098561000000);
INSERT INTO "index_date" VALUES(1,1099511627827,1006427733,0,1218844800000000,1218931200000000);
INSERT INTO "index_date" VALUES(1,1099511627829,1738901446,0,1221436800000000,1228780800000000);
INSERT INTO "index_date" VALUES(1,1099511627831,1738901446,0,1221436800000000,1228780800000000);
INSERT INTO "index_date" VALUES(1,1099511627833,1738901446,0,1358985600000000,1366848000000000);
INSERT INTO "index_date" VALUES(1,1099511627835,1738901446,0,1380499200000000,1395273600000000);
INSERT INTO "index_date" VALUES(1,1099511627837,2017842977,0,1377912240000000,1377912241000000);
INSERT INTO "index_date" VALUES(1,1099511627838,2017842977,0,1378551000000000,1378551001000000);
INSERT INTO "index_date" VALUES(1,1099511627839,2017842977,0,1379721600000000,1379808000000000);
INSERT INTO "index_date" VALUES(1,1099511627840,2017842977,0,1380302580000000,1380302581000000);
INSERT INTO "index_date" VALUES(1,1099511627841,2017842977,0,1381553760000000,1381553761000000);
INSERT INTO "index_date" VALUES(1,1099511627842,2017842977,0,1382140800000000,1382227200000000);
INSERT INTO "index_date" VALUES(1,1099511627843,457587661,0,1377129600000000,1377216000000000);
INSERT INTO "index_date" VALUES(1,1099511627844,457587661,0,1382227200000000,1382313600000000);
INSERT INTO "index_date" VALUES(1,1099511627845,661129385,0,1379462400000000,1379548800000000);
INSERT INTO "index_date" VALUES(1,1099511627846,661129385,0,1380649800000000,1380649801000000);
INSERT INTO "index_date" VALUES(1,1099511627847,661129385,0,1381166580000000,1381166581000000);
INSERT INTO "index_date" VALUES(1,1099511627848,661129385,0,1373996640000000,1373996641000000);
INSERT INTO "index_date" VALUES(1,1099511627849,661129385,0,1379699640000000,1379699641000000);
INSERT INTO "index_date" VALUES(1,1099511627850,985716664,0,1377907200000000,1377993600000000);
INSERT INTO "index_date" VALUES(1,1099511627851,985716664,0,1381536000000000,1381622400000000);
INSERT INTO "index_date" VALUES(1,1099511627852,985716664,0,1382140800000000,1382227200000000);
INSERT INTO "index_date" VALUES(1,1099511627853,985716664,0,1397606400000000,1397692800000000);
INSERT INTO "index_date" VALUES(1,1099511627854,985716664,0,1432166400000000,1432252800000000);
INSERT INTO "index_date" VALUES(1,1099511627855,55005760,0,-432432000000000,-432345600000000);
INSERT INTO "index_date" VALUES(1,1099511627855,722616706,0,1476809340000000,1476809341000000);
INSERT INTO "index_date" VALUES(1,1099511627856,1478702102,0,1322697600000000,1325376000000000);
INSERT INTO "index_date" VALUES(1,1099511627857,1150929411,0,1410652800000000,1410739200000000);
INSERT INTO "index_date" VALUES(1,1099511627857,1478702102,0,1410625440000000,1410625441000000);
INSERT INTO "index_date" VALUES(1,1099511627858,457587661,0,1325580480000000,1325580481000000);
INSERT INTO "index_date" VALUES(1,1099511627859,457587661,0,1410678240000000,1410678241000000);
INSERT INTO "index_date" VALUES(1,1099511627860,1006427733,0,1326817920000000,1326817921000000);
INSERT INTO "index_date" VALUES(1,1099511627861,1738901446,0,1329436800000000,1336780800000000);
INSERT INTO "index_date" VALUES(1,1099511627862,1738901446,0,1329436800000000,1336780800000000);
INSERT INTO "index_date" VALUES(1,1099511627863,1738901446,0,1411516800000000,1419379200000000);
INSERT INTO "index_date" VALUES(1,1099511627864,1738901446,0,1460937600000000,1467936000000000);
INSERT INTO "index_date" VALUES(1,1099511627865,2017842977,0,1445185080000000,1445185081000000);
INSERT INTO "index_date" VALUES(1,1099511627866,2017842977,0,1445791200000000,1445791201000000);
INSERT INTO "index_date" VALUES(1,1099511627867,2017842977,0,1447027200000000,1447113600000000);
INSERT INTO "index_date" VALUES(1,1099511627868,2017842977,0,1447605240000000,1447605241000000);
INSERT INTO "index_date" VALUES(1,1099511627869,2017842977,0,1448841600000000,1448928000000000);
INSERT INTO "index_date" VALUES(1,1099511627870,2017842977,0,1449459180000000,1449459181000000);
INSERT INTO "index_date" VALUES(1,1099511627871,2017842977,0,1450662600000000,1450662601000000);
INSERT INTO "index_date" VALUES(1,1099511627872,2017842977,0,1451235000000000,1451235001000000);
INSERT INTO "index_date" VALUES(1,1099511627873,2017842977,0,1452482340000000,1452482341000000);
INSERT INTO "index_date" VALUES(1,1099511627874,2017842977,0,1453048860000000,1453048861000000);
INSERT INTO "index_date" VALUES(1,1099511627875,2017842977,0,1454258160000000,1454258161000000);
INSERT INTO "index_date" VALUES(1,1099511627876,2017842977,0,1454907600000000,1454907601000000);
INSERT INTO "index_date" VALUES(1,1099511627877,457587661,0,1444209720000000,1444209721000000);
INSERT INTO "index_date" VALUES(1,1099511627878,457587661,0,1450403520000000,1450403521000000);
INSERT INTO "index_date" VALUES(1,1099511627879,457587661,0,1455235200000000,1455321600000000);
INSERT INTO "index_date" VALUES(1,1099511627880,457587661,0,1460046660000000,1460046661000000);
INSERT INTO "index_date" VALUES(1,1099511627881,457587661,0,1465748100000000,1465748101000000);
INSERT INTO "index_date" VALUES(1,1099511627882,985716664,0,1447027200000000,1447113600000000);
INSERT INTO "index_date" VALUES(1,1099511627883,985716664,0,1450656000000000,1450742400000000);
INSERT INTO "index_date" VALUES(1,1099511627884,985716664,0,1452470400000000,1452556800000000);
INSERT INTO "index_date" VALUES(1,1099511627885,985716664,0,1453075200000000,1453161600000000);
INSERT INTO "index_date" VALUES(1,1099511627886,985716664,0,1454284800000000,1454371200000000);
INSERT INTO "index_date" VALUES(1,1099511627887,985716664,0,1454889600000000,1454976000000000);
INSERT INTO "index_date" VALUES(1,1099511627888,985716664,0,1468972800000000,1469059200000000);
INSERT INTO "index_date" VALUES(1,1099511627889,985716664,0,1503532800000000,1503619200000000);
INSERT INTO "index_date" VALUES(1,1099511627890,55005760,0,-596937600000000,-594518400000000);
INSERT INTO "index_date" VALUES(1,1099511627891,55005760,0,-596937600000000,-594518400000000);
INSERT INTO "index_date" VALUES(2,2199023255553,893377592,0,1222819200000000,4611686018427387904);
INSERT INTO "index_date" VALUES(2,2199023255555,893377592,0,1675209600000000,1722470400000000);
INSERT INTO "index_date" VALUES(2,2199023255556,55005760,0,189302400000000,220924800000000);
INSERT INTO "index_date" VALUES(2,2199023255556,722616706,0,1399710180000000,1399710181000000);
INSERT INTO "index_date" VALUES(2,2199023255557,1664856255,0,1377820800000000,4611686018427387904);
INSERT INTO "index_date" VALUES(2,2199023255558,1478702102,0,1214870400000000,1217548800000000);
INSERT INTO "index_date" VALUES(2,2199023255559,1150929411,0,1358121600000000,1358208000000000);
INSERT INTO "index_date" VALUES(2,2199023255559,1478702102,0,1358099340000000,1358099341000000);
INSERT INTO "index_date" VALUES(2,2199023255560,457587661,0,1217584740000000,1217584741000000);
INSERT INTO "index_date" VALUES(2,2199023255561,457587661,0,1358098560000000,1358098561000000);
INSERT INTO "index_date" VALUES(2,2199023255562,1006427733,0,1218844800000000,1218931200000000);
INSERT INTO "index_date" VALUES(2,2199023255564,1738901446,0,1221436800000000,1228780800000000);
INSERT INTO "index_date" VALUES(2,2199023255566,1738901446,0,1221436800000000,1228780800000000);
INSERT INTO "index_date" VALUES(2,2199023255568,1738901446,0,1358985600000000,1366848000000000);
INSERT INTO "index_date" VALUES(2,2199023255570,1738901446,0,1380499200000000,1395273600000000);
INSERT INTO "index_date" VALUES(2,2199023255572,2017842977,0,1377912240000000,1377912241000000);
INSERT INTO "index_date" VALUES(2,2199023255573,2017842977,0,1378551000000000,1378551001000000);
INSERT INTO "index_date" VALUES(2,2199023255574,2017842977,0,1379721600000000,1379808000000000);
INSERT INTO "index_date" VALUES(2,2199023255575,2017842977,0,1380302580000000,1380302581000000);
INSERT INTO "index_date" VALUES(2,2199023255576,2017842977,0,1381553760000000,1381553761000000);
INSERT INTO "index_date" VALUES(2,2199023255577,2017842977,0,1382140800000000,1382227200000000);
INSERT INTO "index_date" VALUES(2,2199023255578,457587661,0,1377129600000000,1377216000000000);
INSERT INTO "index_date" VALUES(2,2199023255579,457587661,0,1382227200000000,1382313600000000);
INSERT INTO "index_date" VALUES(2,2199023255580,661129385,0,1379462400000000,1379548800000000);
INSERT INTO "index_date" VALUES(2,2199023255581,661129385,0,1380649800000000,1380649801000000);
INSERT INTO "index_date" VALUES(2,2199023255582,661129385,0,1381166580000000,1381166581000000);
INSERT INTO "index_date" VALUES(2,2199023255583,661129385,0,1373996640000000,1373996641000000);
INSERT INTO "index_date" VALUES(2,2199023255584,661129385,0,1379699640000000,1379699641000000);
INSERT INTO "index_date" VALUES(2,2199023255585,985716664,0,1377907200000000,1377993600000000);
INSERT INTO "index_date" VALUES(2,2199023255586,985716664,0,1381536000000000,1381622400000000);
INSERT INTO "index_date" VALUES(2,2199023255587,985716664,0,1382140800000000,1382227200000000);
INSERT INTO "index_date" VALUES(2,2199023255588,985716664,0,1397606400000000,1397692800000000);
INSERT INTO "index_date" VALUES(2,2199023255589,985716664,0,1432166400000000,1432252800000000);
CREATE TABLE index_number (
	site SMALLINT NOT NULL, 
	rid BIGINT NOT NULL, 
	param INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	lo FLOAT NOT NULL, 
	hi FLOAT NOT NULL, 
	value FLOAT NOT NULL, 
	PRIMARY KEY (site, param, lo, hi, value, rid, item)
)
 WITHOUT ROWID

;
CREATE TABLE index_quantity (
	site SMALLINT NOT NULL, 
	rid BIGINT NOT NULL, 
	param INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	lo FLOAT NOT NULL, 
	hi FLOAT NOT NULL, 
	value FLOAT NOT NULL, 
	system TEXT NOT NULL, 
	code TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	PRIMARY KEY (site, param, lo, hi, value, rid, item, system, code, unit)
)
 WITHOUT ROWID

;
INSERT INTO "index_quantity" VALUES(1,1099511627892,1427862689,0,1.5,1.5,1.5,'http://unitsofmeasure.org','mg','mg');
CREATE TABLE index_reference (
	site SMALLINT NOT NULL, 
	rid BIGINT NOT NULL, 
	param INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	id TEXT NOT NULL, 
	PRIMARY KEY (site, param, id, rid, item, type)
)
 WITHOUT ROWID

;
INSERT INTO "index_reference" VALUES(1,1099511627788,425506367,0,'Practitioner','hal-tokyo-oncologist');
INSERT INTO "index_reference" VALUES(1,1099511627788,1512294728,0,'Organization','hal-tokyo');
INSERT INTO "index_reference" VALUES(1,1099511627789,221775089,0,'ResearchStudy','halaven');
INSERT INTO "index_reference" VALUES(1,1099511627789,1083064554,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627789,1606474466,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627790,269535086,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627790,1896099583,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627791,269535086,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627791,1896099583,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627792,526566324,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627792,2121673253,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627793,526566324,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627793,2121673253,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627794,97230582,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627794,1692366695,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627795,9645162,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627795,1112664991,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627795,1636287995,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627796,9645162,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627796,1112664991,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627796,1636287995,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627797,9645162,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627797,1112664991,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627797,1636287995,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627798,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627798,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627798,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627799,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627799,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627799,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627800,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627800,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627800,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627801,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627801,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627801,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627802,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627802,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627802,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627803,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627803,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627803,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627804,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627804,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627804,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627805,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627805,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627805,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627806,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627806,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627806,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627807,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627807,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627807,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627808,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627808,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627808,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627809,447999419,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627809,1310866619,0,'','#drug');
INSERT INTO "index_reference" VALUES(1,1099511627809,2074543146,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627810,526566324,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627810,2121673253,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627811,526566324,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627811,2121673253,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627812,526566324,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627812,2121673253,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627813,526566324,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627813,2121673253,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627814,626053712,0,'Organization','hal-tokyo');
INSERT INTO "index_reference" VALUES(1,1099511627814,994636635,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627814,1515985610,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627815,626053712,0,'Organization','hal-tokyo');
INSERT INTO "index_reference" VALUES(1,1099511627815,994636635,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627815,1515985610,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627816,626053712,0,'Organization','hal-tokyo');
INSERT INTO "index_reference" VALUES(1,1099511627816,994636635,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627816,1515985610,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627817,626053712,0,'Organization','hal-tokyo');
INSERT INTO "index_reference" VALUES(1,1099511627817,994636635,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627817,1515985610,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627818,626053712,0,'Organization','hal-tokyo');
INSERT INTO "index_reference" VALUES(1,1099511627818,994636635,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627818,1515985610,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627819,626053712,0,'Organization','hal-tokyo');
INSERT INTO "index_reference" VALUES(1,1099511627819,994636635,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627819,1515985610,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627820,626053712,0,'Organization','hal-tokyo');
INSERT INTO "index_reference" VALUES(1,1099511627820,994636635,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627820,1515985610,0,'Patient','made-0');
INSERT INTO "index_reference" VALUES(1,1099511627821,425506367,0,'Practitioner','hal-bangkok-oncologist');
INSERT INTO "index_reference" VALUES(1,1099511627821,1512294728,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(1,1099511627822,221775089,0,'ResearchStudy','halaven');
INSERT INTO "index_reference" VALUES(1,1099511627822,1083064554,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627822,1606474466,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627823,269535086,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627823,1896099583,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627824,269535086,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627824,1896099583,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627825,526566324,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627825,2121673253,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627826,526566324,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627826,2121673253,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627827,97230582,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627827,1692366695,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627829,9645162,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627829,1112664991,0,'Medication','made-40');
INSERT INTO "index_reference" VALUES(1,1099511627829,1636287995,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627831,9645162,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627831,1112664991,0,'Medication','made-42');
INSERT INTO "index_reference" VALUES(1,1099511627831,1636287995,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627833,9645162,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627833,1112664991,0,'Medication','made-44');
INSERT INTO "index_reference" VALUES(1,1099511627833,1636287995,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627835,9645162,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627835,1112664991,0,'Medication','made-46');
INSERT INTO "index_reference" VALUES(1,1099511627835,1636287995,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627837,447999419,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627837,1310866619,0,'Medication','made-48');
INSERT INTO "index_reference" VALUES(1,1099511627837,2074543146,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627838,447999419,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627838,1310866619,0,'Medication','made-48');
INSERT INTO "index_reference" VALUES(1,1099511627838,2074543146,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627839,447999419,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627839,1310866619,0,'Medication','made-48');
INSERT INTO "index_reference" VALUES(1,1099511627839,2074543146,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627840,447999419,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627840,1310866619,0,'Medication','made-48');
INSERT INTO "index_reference" VALUES(1,1099511627840,2074543146,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627841,447999419,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627841,1310866619,0,'Medication','made-48');
INSERT INTO "index_reference" VALUES(1,1099511627841,2074543146,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627842,447999419,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627842,1310866619,0,'Medication','made-48');
INSERT INTO "index_reference" VALUES(1,1099511627842,2074543146,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627843,526566324,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627843,2121673253,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627844,526566324,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627844,2121673253,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627845,108746568,0,'MedicationAdministration','made-49');
INSERT INTO "index_reference" VALUES(1,1099511627845,2013382667,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627846,108746568,0,'MedicationAdministration','made-49');
INSERT INTO "index_reference" VALUES(1,1099511627846,2013382667,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627847,108746568,0,'MedicationAdministration','made-49');
INSERT INTO "index_reference" VALUES(1,1099511627847,2013382667,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627848,108746568,0,'MedicationAdministration','made-49');
INSERT INTO "index_reference" VALUES(1,1099511627848,2013382667,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627849,108746568,0,'MedicationAdministration','made-49');
INSERT INTO "index_reference" VALUES(1,1099511627849,2013382667,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627850,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(1,1099511627850,994636635,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627850,1515985610,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627851,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(1,1099511627851,994636635,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627851,1515985610,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627852,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(1,1099511627852,994636635,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627852,1515985610,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627853,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(1,1099511627853,994636635,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627853,1515985610,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627854,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(1,1099511627854,994636635,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627854,1515985610,0,'Patient','made-33');
INSERT INTO "index_reference" VALUES(1,1099511627855,425506367,0,'Practitioner','hal-manila-oncologist');
INSERT INTO "index_reference" VALUES(1,1099511627855,1512294728,0,'Organization','hal-manila');
INSERT INTO "index_reference" VALUES(1,1099511627856,269535086,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627856,1896099583,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627857,269535086,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627857,1896099583,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627858,526566324,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627858,2121673253,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627859,526566324,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627859,2121673253,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627860,97230582,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627860,1692366695,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627861,9645162,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627861,1636287995,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627862,9645162,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627862,1636287995,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627863,9645162,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627863,1636287995,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627864,9645162,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627864,1636287995,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627865,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627865,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627866,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627866,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627867,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627867,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627868,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627868,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627869,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627869,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627870,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627870,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627871,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627871,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627872,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627872,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627873,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627873,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627874,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627874,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627875,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627875,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627876,447999419,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627876,2074543146,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627877,526566324,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627877,2121673253,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627878,526566324,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627878,2121673253,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627879,526566324,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627879,2121673253,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627880,526566324,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627880,2121673253,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627881,526566324,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627881,2121673253,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627882,626053712,0,'Organization','hal-manila');
INSERT INTO "index_reference" VALUES(1,1099511627882,994636635,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627882,1515985610,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627883,626053712,0,'Organization','hal-manila');
INSERT INTO "index_reference" VALUES(1,1099511627883,994636635,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627883,1515985610,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627884,626053712,0,'Organization','hal-manila');
INSERT INTO "index_reference" VALUES(1,1099511627884,994636635,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627884,1515985610,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627885,626053712,0,'Organization','hal-manila');
INSERT INTO "index_reference" VALUES(1,1099511627885,994636635,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627885,1515985610,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627886,626053712,0,'Organization','hal-manila');
INSERT INTO "index_reference" VALUES(1,1099511627886,994636635,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627886,1515985610,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627887,626053712,0,'Organization','hal-manila');
INSERT INTO "index_reference" VALUES(1,1099511627887,994636635,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627887,1515985610,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627888,626053712,0,'Organization','hal-manila');
INSERT INTO "index_reference" VALUES(1,1099511627888,994636635,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627888,1515985610,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627889,626053712,0,'Organization','hal-manila');
INSERT INTO "index_reference" VALUES(1,1099511627889,994636635,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627889,1515985610,0,'Patient','made-67');
INSERT INTO "index_reference" VALUES(1,1099511627890,1673447102,0,'Patient','made-1');
INSERT INTO "index_reference" VALUES(1,1099511627892,526566324,0,'Patient','made-1');
INSERT INTO "index_reference" VALUES(1,1099511627892,2121673253,0,'Patient','made-1');
INSERT INTO "index_reference" VALUES(2,2199023255556,425506367,0,'Practitioner','hal-bangkok-oncologist');
INSERT INTO "index_reference" VALUES(2,2199023255556,1512294728,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(2,2199023255557,221775089,0,'ResearchStudy','halaven');
INSERT INTO "index_reference" VALUES(2,2199023255557,1083064554,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255557,1606474466,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255558,269535086,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255558,1896099583,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255559,269535086,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255559,1896099583,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255560,526566324,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255560,2121673253,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255561,526566324,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255561,2121673253,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255562,97230582,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255562,1692366695,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255564,9645162,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255564,1112664991,0,'Medication','made-109');
INSERT INTO "index_reference" VALUES(2,2199023255564,1636287995,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255566,9645162,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255566,1112664991,0,'Medication','made-111');
INSERT INTO "index_reference" VALUES(2,2199023255566,1636287995,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255568,9645162,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255568,1112664991,0,'Medication','made-113');
INSERT INTO "index_reference" VALUES(2,2199023255568,1636287995,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255570,9645162,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255570,1112664991,0,'Medication','made-115');
INSERT INTO "index_reference" VALUES(2,2199023255570,1636287995,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255572,447999419,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255572,1310866619,0,'Medication','made-117');
INSERT INTO "index_reference" VALUES(2,2199023255572,2074543146,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255573,447999419,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255573,1310866619,0,'Medication','made-117');
INSERT INTO "index_reference" VALUES(2,2199023255573,2074543146,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255574,447999419,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255574,1310866619,0,'Medication','made-117');
INSERT INTO "index_reference" VALUES(2,2199023255574,2074543146,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255575,447999419,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255575,1310866619,0,'Medication','made-117');
INSERT INTO "index_reference" VALUES(2,2199023255575,2074543146,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255576,447999419,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255576,1310866619,0,'Medication','made-117');
INSERT INTO "index_reference" VALUES(2,2199023255576,2074543146,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255577,447999419,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255577,1310866619,0,'Medication','made-117');
INSERT INTO "index_reference" VALUES(2,2199023255577,2074543146,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255578,526566324,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255578,2121673253,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255579,526566324,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255579,2121673253,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255580,108746568,0,'MedicationAdministration','made-118');
INSERT INTO "index_reference" VALUES(2,2199023255580,2013382667,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255581,108746568,0,'MedicationAdministration','made-118');
INSERT INTO "index_reference" VALUES(2,2199023255581,2013382667,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255582,108746568,0,'MedicationAdministration','made-118');
INSERT INTO "index_reference" VALUES(2,2199023255582,2013382667,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255583,108746568,0,'MedicationAdministration','made-118');
INSERT INTO "index_reference" VALUES(2,2199023255583,2013382667,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255584,108746568,0,'MedicationAdministration','made-118');
INSERT INTO "index_reference" VALUES(2,2199023255584,2013382667,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255585,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(2,2199023255585,994636635,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255585,1515985610,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255586,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(2,2199023255586,994636635,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255586,1515985610,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255587,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(2,2199023255587,994636635,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255587,1515985610,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255588,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(2,2199023255588,994636635,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255588,1515985610,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255589,626053712,0,'Organization','hal-bangkok');
INSERT INTO "index_reference" VALUES(2,2199023255589,994636635,0,'Patient','made-102');
INSERT INTO "index_reference" VALUES(2,2199023255589,1515985610,0,'Patient','made-102');
CREATE TABLE index_string (
	site SMALLINT NOT NULL, 
	rid BIGINT NOT NULL, 
	param INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	norm TEXT NOT NULL, 
	exact TEXT NOT NULL, 
	whole TEXT NOT NULL, 
	PRIMARY KEY (site, param, norm, rid, item, exact)
)
 WITHOUT ROWID

;
INSERT INTO "index_string" VALUES(1,1099511627796,-1390112671,0,'cyclophosphamide','','');
INSERT INTO "index_string" VALUES(1,1099511627797,-1390112671,0,'docetaxel','','');
INSERT INTO "index_string" VALUES(1,1099511627795,-1390112671,0,'doxorubicin','','');
INSERT INTO "index_string" VALUES(1,1099511627798,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627799,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627800,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627801,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627802,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627803,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627804,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627805,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627806,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627807,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627808,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627809,-1325465061,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627813,22226498,0,'partial response','Partial response','');
INSERT INTO "index_string" VALUES(1,1099511627881,22226498,0,'partial response','Partial response','');
INSERT INTO "index_string" VALUES(1,1099511627812,22226498,0,'progressive disease','Progressive disease','');
INSERT INTO "index_string" VALUES(1,1099511627844,22226498,0,'progressive disease','Progressive disease','');
INSERT INTO "index_string" VALUES(1,1099511627810,22226498,0,'stable disease','Stable disease','');
INSERT INTO "index_string" VALUES(1,1099511627811,22226498,0,'stable disease','Stable disease','');
INSERT INTO "index_string" VALUES(1,1099511627843,22226498,0,'stable disease','Stable disease','');
INSERT INTO "index_string" VALUES(1,1099511627877,22226498,0,'stable disease','Stable disease','');
INSERT INTO "index_string" VALUES(1,1099511627878,22226498,0,'stable disease','Stable disease','');
INSERT INTO "index_string" VALUES(1,1099511627879,22226498,0,'stable disease','Stable disease','');
INSERT INTO "index_string" VALUES(1,1099511627880,22226498,0,'stable disease','Stable disease','');
INSERT INTO "index_string" VALUES(1,1099511627830,99152146,0,'cyclophosphamide','','');
INSERT INTO "index_string" VALUES(1,1099511627828,99152146,0,'doxorubicin','','');
INSERT INTO "index_string" VALUES(1,1099511627836,99152146,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627832,99152146,0,'paclitaxel','','');
INSERT INTO "index_string" VALUES(1,1099511627834,99152146,0,'zoledronic acid','','');
INSERT INTO "index_string" VALUES(1,1099511627845,118495818,0,'moderate','','');
INSERT INTO "index_string" VALUES(1,1099511627848,118495818,0,'moderate','','');
INSERT INTO "index_string" VALUES(1,1099511627846,118495818,0,'severe','','');
INSERT INTO "index_string" VALUES(1,1099511627847,118495818,0,'severe','','');
INSERT INTO "index_string" VALUES(1,1099511627849,118495818,0,'severe','','');
INSERT INTO "index_string" VALUES(1,1099511627856,133251995,0,'malignant neoplasm of breast','','');
INSERT INTO "index_string" VALUES(1,1099511627790,133251995,0,'malignant neoplasm of breast unspecified','','');
INSERT INTO "index_string" VALUES(1,1099511627823,133251995,0,'malignant neoplasm of breast unspecified','','');
INSERT INTO "index_string" VALUES(1,1099511627857,133251995,0,'metastatic malignant neoplasm','','');
INSERT INTO "index_string" VALUES(1,1099511627791,133251995,0,'secondary malignant neoplasm of bone','','');
INSERT INTO "index_string" VALUES(1,1099511627824,133251995,0,'secondary malignant neoplasm of bone','','');
INSERT INTO "index_string" VALUES(1,1099511627788,187769161,0,'0001','','');
INSERT INTO "index_string" VALUES(1,1099511627821,187769161,0,'0002','','');
INSERT INTO "index_string" VALUES(1,1099511627855,187769161,0,'0003','','');
INSERT INTO "index_string" VALUES(1,1099511627788,187769161,0,'beryl','Beryl','');
INSERT INTO "index_string" VALUES(1,1099511627821,187769161,0,'coral','Coral','');
INSERT INTO "index_string" VALUES(1,1099511627855,187769161,0,'dahlia','Dahlia','');
INSERT INTO "index_string" VALUES(1,1099511627788,187769161,0,'example0001','Example-0001','');
INSERT INTO "index_string" VALUES(1,1099511627821,187769161,0,'example0002','Example-0002','');
INSERT INTO "index_string" VALUES(1,1099511627855,187769161,0,'example0003','Example-0003','');
INSERT INTO "index_string" VALUES(1,1099511627890,187769161,0,'ludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtlude000e8c84c87371c564a388a863d8752451468b7d','','ludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidt');
INSERT INTO "index_string" VALUES(1,1099511627891,187769161,0,'ludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtlude000e8c84c87371c564a388a863d8752451468b7d','','ludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidt');
INSERT INTO "index_string" VALUES(1,1099511627890,187769161,0,'mullerludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheif4b8514987fb9f59fad426532682ea0d4736c882','Müller-LüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdensche519a98c9a33d1af75cac949def3d6c4bc84c2582','mullerludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidt');
INSERT INTO "index_string" VALUES(1,1099511627891,187769161,0,'mullerludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheif4b8514987fb9f59fad426532682ea0d4736c882','Müller-LüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdensche519a98c9a33d1af75cac949def3d6c4bc84c2582','mullerludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidt');
INSERT INTO "index_string" VALUES(1,1099511627784,222018334,0,'example hospital of bangkok','Example Hospital of Bangkok','');
INSERT INTO "index_string" VALUES(1,1099511627786,222018334,0,'example hospital of manila','Example Hospital of Manila','');
INSERT INTO "index_string" VALUES(1,1099511627780,222018334,0,'example hospital of seoul','Example Hospital of Seoul','');
INSERT INTO "index_string" VALUES(1,1099511627782,222018334,0,'example hospital of tokyo','Example Hospital of Tokyo','');
INSERT INTO "index_string" VALUES(1,1099511627777,233225049,0,'clinicaltrialsgov identifier','','');
INSERT INTO "index_string" VALUES(1,1099511627779,233225049,0,'clinicaltrialsgov identifier','','');
INSERT INTO "index_string" VALUES(1,1099511627784,235351941,0,'example hospital of bangkok','Example Hospital of Bangkok','');
INSERT INTO "index_string" VALUES(1,1099511627786,235351941,0,'example hospital of manila','Example Hospital of Manila','');
INSERT INTO "index_string" VALUES(1,1099511627780,235351941,0,'example hospital of seoul','Example Hospital of Seoul','');
INSERT INTO "index_string" VALUES(1,1099511627782,235351941,0,'example hospital of tokyo','Example Hospital of Tokyo','');
INSERT INTO "index_string" VALUES(1,1099511627865,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627866,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627867,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627868,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627869,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627870,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627871,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627872,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627873,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627874,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627875,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627876,294236455,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(1,1099511627785,342927880,0,'bangkok','Bangkok','');
INSERT INTO "index_string" VALUES(1,1099511627787,342927880,0,'manila','Manila','');
INSERT INTO "index_string" VALUES(1,1099511627781,342927880,0,'seoul','Seoul','');
INSERT INTO "index_string" VALUES(1,1099511627783,342927880,0,'tokyo','Tokyo','');
INSERT INTO "index_string" VALUES(1,1099511627780,343227537,0,'healthcare provider','','');
INSERT INTO "index_string" VALUES(1,1099511627782,343227537,0,'healthcare provider','','');
INSERT INTO "index_string" VALUES(1,1099511627784,343227537,0,'healthcare provider','','');
INSERT INTO "index_string" VALUES(1,1099511627786,343227537,0,'healthcare provider','','');
INSERT INTO "index_string" VALUES(1,1099511627814,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627815,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627816,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627817,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627818,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627819,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627820,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627850,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627851,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627852,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627853,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627854,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627882,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627883,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627884,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627885,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627886,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627887,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627888,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627889,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(1,1099511627785,615637756,0,'bangkok','Bangkok','');
INSERT INTO "index_string" VALUES(1,1099511627781,615637756,0,'dr','Dr.','');
INSERT INTO "index_string" VALUES(1,1099511627783,615637756,0,'dr','Dr.','');
INSERT INTO "index_string" VALUES(1,1099511627785,615637756,0,'dr','Dr.','');
INSERT INTO "index_string" VALUES(1,1099511627787,615637756,0,'dr','Dr.','');
INSERT INTO "index_string" VALUES(1,1099511627787,615637756,0,'manila','Manila','');
INSERT INTO "index_string" VALUES(1,1099511627781,615637756,0,'sampledoctor','Sampledoctor','');
INSERT INTO "index_string" VALUES(1,1099511627783,615637756,0,'sampledoctor','Sampledoctor','');
INSERT INTO "index_string" VALUES(1,1099511627785,615637756,0,'sampledoctor','Sampledoctor','');
INSERT INTO "index_string" VALUES(1,1099511627787,615637756,0,'sampledoctor','Sampledoctor','');
INSERT INTO "index_string" VALUES(1,1099511627781,615637756,0,'seoul','Seoul','');
INSERT INTO "index_string" VALUES(1,1099511627783,615637756,0,'tokyo','Tokyo','');
INSERT INTO "index_string" VALUES(1,1099511627788,701721574,0,'0001','','');
INSERT INTO "index_string" VALUES(1,1099511627821,701721574,0,'0002','','');
INSERT INTO "index_string" VALUES(1,1099511627855,701721574,0,'0003','','');
INSERT INTO "index_string" VALUES(1,1099511627788,701721574,0,'example0001','Example-0001','');
INSERT INTO "index_string" VALUES(1,1099511627821,701721574,0,'example0002','Example-0002','');
INSERT INTO "index_string" VALUES(1,1099511627855,701721574,0,'example0003','Example-0003','');
INSERT INTO "index_string" VALUES(1,1099511627890,701721574,0,'ludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtlude000e8c84c87371c564a388a863d8752451468b7d','','ludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidt');
INSERT INTO "index_string" VALUES(1,1099511627891,701721574,0,'ludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtlude000e8c84c87371c564a388a863d8752451468b7d','','ludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidt');
INSERT INTO "index_string" VALUES(1,1099511627890,701721574,0,'mullerludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheif4b8514987fb9f59fad426532682ea0d4736c882','Müller-LüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdensche519a98c9a33d1af75cac949def3d6c4bc84c2582','mullerludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidt');
INSERT INTO "index_string" VALUES(1,1099511627891,701721574,0,'mullerludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheif4b8514987fb9f59fad426532682ea0d4736c882','Müller-LüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdensche519a98c9a33d1af75cac949def3d6c4bc84c2582','mullerludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidtludenscheidt');
INSERT INTO "index_string" VALUES(1,1099511627794,752795394,0,'excision of part of breast','','');
INSERT INTO "index_string" VALUES(1,1099511627827,752795394,0,'excision of part of breast','','');
INSERT INTO "index_string" VALUES(1,1099511627860,752795394,0,'excision of part of breast','','');
INSERT INTO "index_string" VALUES(1,1099511627788,802450888,0,'beryl','Beryl','');
INSERT INTO "index_string" VALUES(1,1099511627821,802450888,0,'coral','Coral','');
INSERT INTO "index_string" VALUES(1,1099511627855,802450888,0,'dahlia','Dahlia','');
INSERT INTO "index_string" VALUES(1,1099511627781,839650705,0,'sampledoctor','Sampledoctor','');
INSERT INTO "index_string" VALUES(1,1099511627783,839650705,0,'sampledoctor','Sampledoctor','');
INSERT INTO "index_string" VALUES(1,1099511627785,839650705,0,'sampledoctor','Sampledoctor','');
INSERT INTO "index_string" VALUES(1,1099511627787,839650705,0,'sampledoctor','Sampledoctor','');
INSERT INTO "index_string" VALUES(1,1099511627792,856780077,0,'negative','','');
INSERT INTO "index_string" VALUES(1,1099511627825,856780077,0,'negative','','');
INSERT INTO "index_string" VALUES(1,1099511627858,856780077,0,'negative','','');
INSERT INTO "index_string" VALUES(1,1099511627813,856780077,0,'partial response','','');
INSERT INTO "index_string" VALUES(1,1099511627881,856780077,0,'partial response','','');
INSERT INTO "index_string" VALUES(1,1099511627812,856780077,0,'progressive disease','','');
INSERT INTO "index_string" VALUES(1,1099511627844,856780077,0,'progressive disease','','');
INSERT INTO "index_string" VALUES(1,1099511627810,856780077,0,'stable disease','','');
INSERT INTO "index_string" VALUES(1,1099511627811,856780077,0,'stable disease','','');
INSERT INTO "index_string" VALUES(1,1099511627843,856780077,0,'stable disease','','');
INSERT INTO "index_string" VALUES(1,1099511627877,856780077,0,'stable disease','','');
INSERT INTO "index_string" VALUES(1,1099511627878,856780077,0,'stable disease','','');
INSERT INTO "index_string" VALUES(1,1099511627879,856780077,0,'stable disease','','');
INSERT INTO "index_string" VALUES(1,1099511627880,856780077,0,'stable disease','','');
INSERT INTO "index_string" VALUES(1,1099511627778,863762748,0,'eribulin in locally advanced or metastatic breast cancer an observational registry in asia','Eribulin in locally advanced or metastatic breast cancer: an observational registry in Asia','');
INSERT INTO "index_string" VALUES(1,1099511627777,863762748,0,'fulvestrant in postmenopausal women with advanced breast cancer a prospective registry in belgium','Fulvestrant in postmenopausal women with advanced breast cancer: a prospective registry in Belgium','');
INSERT INTO "index_string" VALUES(1,1099511627779,863762748,0,'paclitaxel liposome with antiher2 antibodies as firstline therapy of her2positive advanced breast cancer in china','Paclitaxel liposome with anti-HER2 antibodies as first-line therapy of HER2-positive advanced breast cancer in China','');
INSERT INTO "index_string" VALUES(1,1099511627821,940742138,0,'bangkok','Bangkok','');
INSERT INTO "index_string" VALUES(1,1099511627788,940742138,0,'jp','JP','');
INSERT INTO "index_string" VALUES(1,1099511627855,940742138,0,'manila','Manila','');
INSERT INTO "index_string" VALUES(1,1099511627855,940742138,0,'ph','PH','');
INSERT INTO "index_string" VALUES(1,1099511627821,940742138,0,'th','TH','');
INSERT INTO "index_string" VALUES(1,1099511627788,940742138,0,'tokyo','Tokyo','');
INSERT INTO "index_string" VALUES(1,1099511627784,983180999,0,'bangkok','Bangkok','');
INSERT INTO "index_string" VALUES(1,1099511627782,983180999,0,'jp','JP','');
INSERT INTO "index_string" VALUES(1,1099511627780,983180999,0,'kr','KR','');
INSERT INTO "index_string" VALUES(1,1099511627786,983180999,0,'manila','Manila','');
INSERT INTO "index_string" VALUES(1,1099511627786,983180999,0,'ph','PH','');
INSERT INTO "index_string" VALUES(1,1099511627780,983180999,0,'seoul','Seoul','');
INSERT INTO "index_string" VALUES(1,1099511627784,983180999,0,'th','TH','');
INSERT INTO "index_string" VALUES(1,1099511627782,983180999,0,'tokyo','Tokyo','');
INSERT INTO "index_string" VALUES(1,1099511627779,1048146295,0,'antiher2 monoclonal antibody','','');
INSERT INTO "index_string" VALUES(1,1099511627778,1048146295,0,'eribulin','','');
INSERT INTO "index_string" VALUES(1,1099511627777,1048146295,0,'fulvestrant','','');
INSERT INTO "index_string" VALUES(1,1099511627779,1048146295,0,'paclitaxel liposome','','');
INSERT INTO "index_string" VALUES(1,1099511627790,1105818700,0,'active','','');
INSERT INTO "index_string" VALUES(1,1099511627791,1105818700,0,'active','','');
INSERT INTO "index_string" VALUES(1,1099511627823,1105818700,0,'active','','');
INSERT INTO "index_string" VALUES(1,1099511627824,1105818700,0,'active','','');
INSERT INTO "index_string" VALUES(1,1099511627856,1105818700,0,'active','','');
INSERT INTO "index_string" VALUES(1,1099511627857,1105818700,0,'active','','');
INSERT INTO "index_string" VALUES(1,1099511627777,1123044167,0,'observational study','','');
INSERT INTO "index_string" VALUES(1,1099511627778,1123044167,0,'observational study','','');
INSERT INTO "index_string" VALUES(1,1099511627779,1123044167,0,'observational study','','');
INSERT INTO "index_string" VALUES(1,1099511627784,1135509181,0,'bangkok','Bangkok','');
INSERT INTO "index_string" VALUES(1,1099511627786,1135509181,0,'manila','Manila','');
INSERT INTO "index_string" VALUES(1,1099511627780,1135509181,0,'seoul','Seoul','');
INSERT INTO "index_string" VALUES(1,1099511627782,1135509181,0,'tokyo','Tokyo','');
INSERT INTO "index_string" VALUES(1,1099511627821,1221118788,0,'bangkok','Bangkok','');
INSERT INTO "index_string" VALUES(1,1099511627855,1221118788,0,'manila','Manila','');
INSERT INTO "index_string" VALUES(1,1099511627788,1221118788,0,'tokyo','Tokyo','');
INSERT INTO "index_string" VALUES(1,1099511627843,1254598134,0,'cancer outcome status','','');
INSERT INTO "index_string" VALUES(1,1099511627844,1254598134,0,'cancer outcome status','','');
INSERT INTO "index_string" VALUES(1,1099511627892,1254598134,0,'dose','','');
INSERT INTO "index_string" VALUES(1,1099511627793,1254598134,0,'ecog performance status score','','');
INSERT INTO "index_string" VALUES(1,1099511627826,1254598134,0,'ecog performance status score','','');
INSERT INTO "index_string" VALUES(1,1099511627859,1254598134,0,'ecog performance status score','','');
INSERT INTO "index_string" VALUES(1,1099511627792,1254598134,0,'her2 interpretation in tissue','','');
INSERT INTO "index_string" VALUES(1,1099511627825,1254598134,0,'her2 interpretation in tissue','','');
INSERT INTO "index_string" VALUES(1,1099511627858,1254598134,0,'her2 interpretation in tissue','','');
INSERT INTO "index_string" VALUES(1,1099511627810,1254598134,0,'response to cancer treatment','','');
INSERT INTO "index_string" VALUES(1,1099511627811,1254598134,0,'response to cancer treatment','','');
INSERT INTO "index_string" VALUES(1,1099511627812,1254598134,0,'response to cancer treatment','','');
INSERT INTO "index_string" VALUES(1,1099511627813,1254598134,0,'response to cancer treatment','','');
INSERT INTO "index_string" VALUES(1,1099511627877,1254598134,0,'response to cancer treatment','','');
INSERT INTO "index_string" VALUES(1,1099511627878,1254598134,0,'response to cancer treatment','','');
INSERT INTO "index_string" VALUES(1,1099511627879,1254598134,0,'response to cancer treatment','','');
INSERT INTO "index_string" VALUES(1,1099511627880,1254598134,0,'response to cancer treatment','','');
INSERT INTO "index_string" VALUES(1,1099511627881,1254598134,0,'response to cancer treatment','','');
INSERT INTO "index_string" VALUES(1,1099511627810,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627811,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627812,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627813,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627843,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627844,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627877,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627878,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627879,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627880,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627881,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(1,1099511627792,1406275668,0,'laboratory','','');
INSERT INTO "index_string" VALUES(1,1099511627825,1406275668,0,'laboratory','','');
INSERT INTO "index_string" VALUES(1,1099511627858,1406275668,0,'laboratory','','');
INSERT INTO "index_string" VALUES(1,1099511627793,1406275668,0,'survey','','');
INSERT INTO "index_string" VALUES(1,1099511627826,1406275668,0,'survey','','');
INSERT INTO "index_string" VALUES(1,1099511627859,1406275668,0,'survey','','');
INSERT INTO "index_string" VALUES(1,1099511627862,1413852652,0,'cyclophosphamide','','');
INSERT INTO "index_string" VALUES(1,1099511627863,1413852652,0,'docetaxel','','');
INSERT INTO "index_string" VALUES(1,1099511627861,1413852652,0,'doxorubicin','','');
INSERT INTO "index_string" VALUES(1,1099511627864,1413852652,0,'gemcitabine','','');
INSERT INTO "index_string" VALUES(1,1099511627790,1530445024,0,'encounter diagnosis','','');
INSERT INTO "index_string" VALUES(1,1099511627791,1530445024,0,'encounter diagnosis','','');
INSERT INTO "index_string" VALUES(1,1099511627823,1530445024,0,'encounter diagnosis','','');
INSERT INTO "index_string" VALUES(1,1099511627824,1530445024,0,'encounter diagnosis','','');
INSERT INTO "index_string" VALUES(1,1099511627856,1530445024,0,'encounter diagnosis','','');
INSERT INTO "index_string" VALUES(1,1099511627857,1530445024,0,'encounter diagnosis','','');
INSERT INTO "index_string" VALUES(1,1099511627790,1682727481,0,'confirmed','','');
INSERT INTO "index_string" VALUES(1,1099511627791,1682727481,0,'confirmed','','');
INSERT INTO "index_string" VALUES(1,1099511627823,1682727481,0,'confirmed','','');
INSERT INTO "index_string" VALUES(1,1099511627824,1682727481,0,'confirmed','','');
INSERT INTO "index_string" VALUES(1,1099511627856,1682727481,0,'confirmed','','');
INSERT INTO "index_string" VALUES(1,1099511627857,1682727481,0,'confirmed','','');
INSERT INTO "index_string" VALUES(1,1099511627846,1771866287,0,'alopecia','','');
INSERT INTO "index_string" VALUES(1,1099511627845,1771866287,0,'anemia','','');
INSERT INTO "index_string" VALUES(1,1099511627848,1771866287,0,'neutrophil count decreased','','');
INSERT INTO "index_string" VALUES(1,1099511627849,1771866287,0,'neutrophil count decreased','','');
INSERT INTO "index_string" VALUES(1,1099511627847,1771866287,0,'peripheral sensory neuropathy','','');
INSERT INTO "index_string" VALUES(1,1099511627845,1885993304,0,'nonserious','','');
INSERT INTO "index_string" VALUES(1,1099511627846,1885993304,0,'nonserious','','');
INSERT INTO "index_string" VALUES(1,1099511627848,1885993304,0,'nonserious','','');
INSERT INTO "index_string" VALUES(1,1099511627849,1885993304,0,'nonserious','','');
INSERT INTO "index_string" VALUES(1,1099511627847,1885993304,0,'serious','','');
INSERT INTO "index_string" VALUES(1,1099511627782,1942673902,0,'jp','JP','');
INSERT INTO "index_string" VALUES(1,1099511627780,1942673902,0,'kr','KR','');
INSERT INTO "index_string" VALUES(1,1099511627786,1942673902,0,'ph','PH','');
INSERT INTO "index_string" VALUES(1,1099511627784,1942673902,0,'th','TH','');
INSERT INTO "index_string" VALUES(1,1099511627788,1958481834,0,'jp','JP','');
INSERT INTO "index_string" VALUES(1,1099511627855,1958481834,0,'ph','PH','');
INSERT INTO "index_string" VALUES(1,1099511627821,1958481834,0,'th','TH','');
INSERT INTO "index_string" VALUES(2,2199023255579,22226498,0,'progressive disease','Progressive disease','');
INSERT INTO "index_string" VALUES(2,2199023255578,22226498,0,'stable disease','Stable disease','');
INSERT INTO "index_string" VALUES(2,2199023255565,99152146,0,'cyclophosphamide','','');
INSERT INTO "index_string" VALUES(2,2199023255563,99152146,0,'doxorubicin','','');
INSERT INTO "index_string" VALUES(2,2199023255571,99152146,0,'eribulin mesylate','','');
INSERT INTO "index_string" VALUES(2,2199023255567,99152146,0,'paclitaxel','','');
INSERT INTO "index_string" VALUES(2,2199023255569,99152146,0,'zoledronic acid','','');
INSERT INTO "index_string" VALUES(2,2199023255580,118495818,0,'moderate','','');
INSERT INTO "index_string" VALUES(2,2199023255583,118495818,0,'moderate','','');
INSERT INTO "index_string" VALUES(2,2199023255581,118495818,0,'severe','','');
INSERT INTO "index_string" VALUES(2,2199023255582,118495818,0,'severe','','');
INSERT INTO "index_string" VALUES(2,2199023255584,118495818,0,'severe','','');
INSERT INTO "index_string" VALUES(2,2199023255558,133251995,0,'malignant neoplasm of breast unspecified','','');
INSERT INTO "index_string" VALUES(2,2199023255559,133251995,0,'secondary malignant neoplasm of bone','','');
INSERT INTO "index_string" VALUES(2,2199023255556,187769161,0,'0002','','');
INSERT INTO "index_string" VALUES(2,2199023255556,187769161,0,'coral','Coral','');
INSERT INTO "index_string" VALUES(2,2199023255556,187769161,0,'example0002','Example-0002','');
INSERT INTO "index_string" VALUES(2,2199023255553,233225049,0,'clinicaltrialsgov identifier','','');
INSERT INTO "index_string" VALUES(2,2199023255555,233225049,0,'clinicaltrialsgov identifier','','');
INSERT INTO "index_string" VALUES(2,2199023255585,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(2,2199023255586,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(2,2199023255587,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(2,2199023255588,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(2,2199023255589,488950580,0,'ambulatory','','');
INSERT INTO "index_string" VALUES(2,2199023255556,701721574,0,'0002','','');
INSERT INTO "index_string" VALUES(2,2199023255556,701721574,0,'example0002','Example-0002','');
INSERT INTO "index_string" VALUES(2,2199023255562,752795394,0,'excision of part of breast','','');
INSERT INTO "index_string" VALUES(2,2199023255556,802450888,0,'coral','Coral','');
INSERT INTO "index_string" VALUES(2,2199023255560,856780077,0,'negative','','');
INSERT INTO "index_string" VALUES(2,2199023255579,856780077,0,'progressive disease','','');
INSERT INTO "index_string" VALUES(2,2199023255578,856780077,0,'stable disease','','');
INSERT INTO "index_string" VALUES(2,2199023255554,863762748,0,'eribulin in locally advanced or metastatic breast cancer an observational registry in asia','Eribulin in locally advanced or metastatic breast cancer: an observational registry in Asia','');
INSERT INTO "index_string" VALUES(2,2199023255553,863762748,0,'fulvestrant in postmenopausal women with advanced breast cancer a prospective registry in belgium','Fulvestrant in postmenopausal women with advanced breast cancer: a prospective registry in Belgium','');
INSERT INTO "index_string" VALUES(2,2199023255555,863762748,0,'paclitaxel liposome with antiher2 antibodies as firstline therapy of her2positive advanced breast cancer in china','Paclitaxel liposome with anti-HER2 antibodies as first-line therapy of HER2-positive advanced breast cancer in China','');
INSERT INTO "index_string" VALUES(2,2199023255556,940742138,0,'bangkok','Bangkok','');
INSERT INTO "index_string" VALUES(2,2199023255556,940742138,0,'th','TH','');
INSERT INTO "index_string" VALUES(2,2199023255555,1048146295,0,'antiher2 monoclonal antibody','','');
INSERT INTO "index_string" VALUES(2,2199023255554,1048146295,0,'eribulin','','');
INSERT INTO "index_string" VALUES(2,2199023255553,1048146295,0,'fulvestrant','','');
INSERT INTO "index_string" VALUES(2,2199023255555,1048146295,0,'paclitaxel liposome','','');
INSERT INTO "index_string" VALUES(2,2199023255558,1105818700,0,'active','','');
INSERT INTO "index_string" VALUES(2,2199023255559,1105818700,0,'active','','');
INSERT INTO "index_string" VALUES(2,2199023255553,1123044167,0,'observational study','','');
INSERT INTO "index_string" VALUES(2,2199023255554,1123044167,0,'observational study','','');
INSERT INTO "index_string" VALUES(2,2199023255555,1123044167,0,'observational study','','');
INSERT INTO "index_string" VALUES(2,2199023255556,1221118788,0,'bangkok','Bangkok','');
INSERT INTO "index_string" VALUES(2,2199023255578,1254598134,0,'cancer outcome status','','');
INSERT INTO "index_string" VALUES(2,2199023255579,1254598134,0,'cancer outcome status','','');
INSERT INTO "index_string" VALUES(2,2199023255561,1254598134,0,'ecog performance status score','','');
INSERT INTO "index_string" VALUES(2,2199023255560,1254598134,0,'her2 interpretation in tissue','','');
INSERT INTO "index_string" VALUES(2,2199023255578,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(2,2199023255579,1406275668,0,'exam','','');
INSERT INTO "index_string" VALUES(2,2199023255560,1406275668,0,'laboratory','','');
INSERT INTO "index_string" VALUES(2,2199023255561,1406275668,0,'survey','','');
INSERT INTO "index_string" VALUES(2,2199023255558,1530445024,0,'encounter diagnosis','','');
INSERT INTO "index_string" VALUES(2,2199023255559,1530445024,0,'encounter diagnosis','','');
INSERT INTO "index_string" VALUES(2,2199023255558,1682727481,0,'confirmed','','');
INSERT INTO "index_string" VALUES(2,2199023255559,1682727481,0,'confirmed','','');
INSERT INTO "index_string" VALUES(2,2199023255581,1771866287,0,'alopecia','','');
INSERT INTO "index_string" VALUES(2,2199023255580,1771866287,0,'anemia','','');
INSERT INTO "index_string" VALUES(2,2199023255583,1771866287,0,'neutrophil count decreased','','');
INSERT INTO "index_string" VALUES(2,2199023255584,1771866287,0,'neutrophil count decreased','','');
INSERT INTO "index_string" VALUES(2,2199023255582,1771866287,0,'peripheral sensory neuropathy','','');
INSERT INTO "index_string" VALUES(2,2199023255580,1885993304,0,'nonserious','','');
INSERT INTO "index_string" VALUES(2,2199023255581,1885993304,0,'nonserious','','');
INSERT INTO "index_string" VALUES(2,2199023255583,1885993304,0,'nonserious','','');
INSERT INTO "index_string" VALUES(2,2199023255584,1885993304,0,'nonserious','','');
INSERT INTO "index_string" VALUES(2,2199023255582,1885993304,0,'serious','','');
INSERT INTO "index_string" VALUES(2,2199023255556,1958481834,0,'th','TH','');
CREATE TABLE index_token (
	site SMALLINT NOT NULL, 
	rid BIGINT NOT NULL, 
	param INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	system TEXT NOT NULL, 
	code TEXT NOT NULL, 
	PRIMARY KEY (site, param, code, rid, item, system)
)
 WITHOUT ROWID

;
INSERT INTO "index_token" VALUES(1,1099511627777,244837578,0,'http://hl7.org/fhir/research-study-status','active');
INSERT INTO "index_token" VALUES(1,1099511627777,1763860334,0,'https://clinicaltrials.gov','NCT00735215');
INSERT INTO "index_token" VALUES(1,1099511627778,244837578,0,'http://hl7.org/fhir/research-study-status','active');
INSERT INTO "index_token" VALUES(1,1099511627779,244837578,0,'http://hl7.org/fhir/research-study-status','active');
INSERT INTO "index_token" VALUES(1,1099511627779,1763860334,0,'https://clinicaltrials.gov','NCT06481553');
INSERT INTO "index_token" VALUES(1,1099511627780,571179388,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627780,591171630,0,'https://registry.example/sites','hal-seoul');
INSERT INTO "index_token" VALUES(1,1099511627780,1606849073,0,'http://terminology.hl7.org/CodeSystem/organization-type','prov');
INSERT INTO "index_token" VALUES(1,1099511627781,1559548104,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627781,2026613805,0,'https://hal-seoul.example/staff','ONC-1');
INSERT INTO "index_token" VALUES(1,1099511627782,571179388,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627782,591171630,0,'https://registry.example/sites','hal-tokyo');
INSERT INTO "index_token" VALUES(1,1099511627782,1606849073,0,'http://terminology.hl7.org/CodeSystem/organization-type','prov');
INSERT INTO "index_token" VALUES(1,1099511627783,1559548104,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627783,2026613805,0,'https://hal-tokyo.example/staff','ONC-1');
INSERT INTO "index_token" VALUES(1,1099511627784,571179388,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627784,591171630,0,'https://registry.example/sites','hal-bangkok');
INSERT INTO "index_token" VALUES(1,1099511627784,1606849073,0,'http://terminology.hl7.org/CodeSystem/organization-type','prov');
INSERT INTO "index_token" VALUES(1,1099511627785,1559548104,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627785,2026613805,0,'https://hal-bangkok.example/staff','ONC-1');
INSERT INTO "index_token" VALUES(1,1099511627786,571179388,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627786,591171630,0,'https://registry.example/sites','hal-manila');
INSERT INTO "index_token" VALUES(1,1099511627786,1606849073,0,'http://terminology.hl7.org/CodeSystem/organization-type','prov');
INSERT INTO "index_token" VALUES(1,1099511627787,1559548104,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627787,2026613805,0,'https://hal-manila.example/staff','ONC-1');
INSERT INTO "index_token" VALUES(1,1099511627788,587468934,0,'https://hal-tokyo.example/patients','HALAVEN-0001');
INSERT INTO "index_token" VALUES(1,1099511627788,1194047167,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627788,1265778943,0,'http://hl7.org/fhir/administrative-gender','female');
INSERT INTO "index_token" VALUES(1,1099511627788,2007310113,0,'','false');
INSERT INTO "index_token" VALUES(1,1099511627789,808664983,0,'https://hal-tokyo.example/enrolments','0001-001');
INSERT INTO "index_token" VALUES(1,1099511627789,1045502257,0,'http://hl7.org/fhir/research-subject-status','off-study');
INSERT INTO "index_token" VALUES(1,1099511627790,462726270,0,'http://terminology.hl7.org/CodeSystem/condition-category','encounter-diagnosis');
INSERT INTO "index_token" VALUES(1,1099511627790,564356084,0,'https://hal-tokyo.example/conditions','0001-002');
INSERT INTO "index_token" VALUES(1,1099511627790,1193526918,0,'http://terminology.hl7.org/CodeSystem/condition-ver-status','confirmed');
INSERT INTO "index_token" VALUES(1,1099511627790,1278727198,0,'http://hl7.org/fhir/sid/icd-10','C50.9');
INSERT INTO "index_token" VALUES(1,1099511627790,1439089892,0,'http://terminology.hl7.org/CodeSystem/condition-clinical','active');
INSERT INTO "index_token" VALUES(1,1099511627791,462726270,0,'http://terminology.hl7.org/CodeSystem/condition-category','encounter-diagnosis');
INSERT INTO "index_token" VALUES(1,1099511627791,564356084,0,'https://hal-tokyo.example/conditions','0001-003');
INSERT INTO "index_token" VALUES(1,1099511627791,1193526918,0,'http://terminology.hl7.org/CodeSystem/condition-ver-status','confirmed');
INSERT INTO "index_token" VALUES(1,1099511627791,1278727198,0,'http://hl7.org/fhir/sid/icd-10','C79.5');
INSERT INTO "index_token" VALUES(1,1099511627791,1439089892,0,'http://terminology.hl7.org/CodeSystem/condition-clinical','active');
INSERT INTO "index_token" VALUES(1,1099511627792,309151991,0,'https://hal-tokyo.example/observations','0001-004');
INSERT INTO "index_token" VALUES(1,1099511627792,1187855407,0,'http://loinc.org','48676-1');
INSERT INTO "index_token" VALUES(1,1099511627792,1351464500,0,'http://loinc.org','LA6577-6');
INSERT INTO "index_token" VALUES(1,1099511627792,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627792,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','laboratory');
INSERT INTO "index_token" VALUES(1,1099511627793,309151991,0,'https://hal-tokyo.example/observations','0001-005');
INSERT INTO "index_token" VALUES(1,1099511627793,1187855407,0,'http://loinc.org','89247-1');
INSERT INTO "index_token" VALUES(1,1099511627793,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627793,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','survey');
INSERT INTO "index_token" VALUES(1,1099511627794,685467624,0,'https://hal-tokyo.example/procedures','0001-006');
INSERT INTO "index_token" VALUES(1,1099511627794,818550479,0,'http://hl7.org/fhir/event-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627794,1719130551,0,'http://snomed.info/sct','64368001');
INSERT INTO "index_token" VALUES(1,1099511627795,-1686550971,0,'http://snomed.info/sct','372817009');
INSERT INTO "index_token" VALUES(1,1099511627795,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627795,1871786885,0,'https://hal-tokyo.example/statements','0001-007');
INSERT INTO "index_token" VALUES(1,1099511627796,-1686550971,0,'http://snomed.info/sct','387420009');
INSERT INTO "index_token" VALUES(1,1099511627796,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627796,1871786885,0,'https://hal-tokyo.example/statements','0001-008');
INSERT INTO "index_token" VALUES(1,1099511627797,-1686550971,0,'http://snomed.info/sct','386918005');
INSERT INTO "index_token" VALUES(1,1099511627797,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627797,1871786885,0,'https://hal-tokyo.example/statements','0001-009');
INSERT INTO "index_token" VALUES(1,1099511627798,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627798,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627798,1675814049,0,'https://hal-tokyo.example/administrations','0001-010');
INSERT INTO "index_token" VALUES(1,1099511627799,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627799,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627799,1675814049,0,'https://hal-tokyo.example/administrations','0001-011');
INSERT INTO "index_token" VALUES(1,1099511627800,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627800,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627800,1675814049,0,'https://hal-tokyo.example/administrations','0001-012');
INSERT INTO "index_token" VALUES(1,1099511627801,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627801,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627801,1675814049,0,'https://hal-tokyo.example/administrations','0001-013');
INSERT INTO "index_token" VALUES(1,1099511627802,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627802,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627802,1675814049,0,'https://hal-tokyo.example/administrations','0001-014');
INSERT INTO "index_token" VALUES(1,1099511627803,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627803,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627803,1675814049,0,'https://hal-tokyo.example/administrations','0001-015');
INSERT INTO "index_token" VALUES(1,1099511627804,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627804,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627804,1675814049,0,'https://hal-tokyo.example/administrations','0001-016');
INSERT INTO "index_token" VALUES(1,1099511627805,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627805,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627805,1675814049,0,'https://hal-tokyo.example/administrations','0001-017');
INSERT INTO "index_token" VALUES(1,1099511627806,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627806,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627806,1675814049,0,'https://hal-tokyo.example/administrations','0001-018');
INSERT INTO "index_token" VALUES(1,1099511627807,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627807,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627807,1675814049,0,'https://hal-tokyo.example/administrations','0001-019');
INSERT INTO "index_token" VALUES(1,1099511627808,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627808,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627808,1675814049,0,'https://hal-tokyo.example/administrations','0001-020');
INSERT INTO "index_token" VALUES(1,1099511627809,-1881389751,0,'http://snomed.info/sct','448800004');
INSERT INTO "index_token" VALUES(1,1099511627809,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','not-done');
INSERT INTO "index_token" VALUES(1,1099511627809,1675814049,0,'https://hal-tokyo.example/administrations','0001-021');
INSERT INTO "index_token" VALUES(1,1099511627810,309151991,0,'https://hal-tokyo.example/observations','0001-022');
INSERT INTO "index_token" VALUES(1,1099511627810,1187855407,0,'http://loinc.org','88040-1');
INSERT INTO "index_token" VALUES(1,1099511627810,1351464500,0,'http://loinc.org','LA28371-5');
INSERT INTO "index_token" VALUES(1,1099511627810,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627810,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627811,309151991,0,'https://hal-tokyo.example/observations','0001-023');
INSERT INTO "index_token" VALUES(1,1099511627811,1187855407,0,'http://loinc.org','88040-1');
INSERT INTO "index_token" VALUES(1,1099511627811,1351464500,0,'http://loinc.org','LA28371-5');
INSERT INTO "index_token" VALUES(1,1099511627811,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627811,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627812,309151991,0,'https://hal-tokyo.example/observations','0001-024');
INSERT INTO "index_token" VALUES(1,1099511627812,1187855407,0,'http://loinc.org','88040-1');
INSERT INTO "index_token" VALUES(1,1099511627812,1351464500,0,'http://loinc.org','LA28370-7');
INSERT INTO "index_token" VALUES(1,1099511627812,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627812,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627813,309151991,0,'https://hal-tokyo.example/observations','0001-025');
INSERT INTO "index_token" VALUES(1,1099511627813,1187855407,0,'http://loinc.org','88040-1');
INSERT INTO "index_token" VALUES(1,1099511627813,1351464500,0,'http://loinc.org','LA28369-9');
INSERT INTO "index_token" VALUES(1,1099511627813,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627813,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627814,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627814,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627814,875438315,0,'https://hal-tokyo.example/encounters','0001-026');
INSERT INTO "index_token" VALUES(1,1099511627815,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627815,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627815,875438315,0,'https://hal-tokyo.example/encounters','0001-027');
INSERT INTO "index_token" VALUES(1,1099511627816,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627816,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627816,875438315,0,'https://hal-tokyo.example/encounters','0001-028');
INSERT INTO "index_token" VALUES(1,1099511627817,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627817,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627817,875438315,0,'https://hal-tokyo.example/encounters','0001-029');
INSERT INTO "index_token" VALUES(1,1099511627818,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627818,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627818,875438315,0,'https://hal-tokyo.example/encounters','0001-030');
INSERT INTO "index_token" VALUES(1,1099511627819,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627819,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627819,875438315,0,'https://hal-tokyo.example/encounters','0001-031');
INSERT INTO "index_token" VALUES(1,1099511627820,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627820,583410422,0,'http://hl7.org/fhir/encounter-status','cancelled');
INSERT INTO "index_token" VALUES(1,1099511627820,875438315,0,'https://hal-tokyo.example/encounters','0001-032');
INSERT INTO "index_token" VALUES(1,1099511627821,587468934,0,'https://hal-bangkok.example/patients','HALAVEN-0002');
INSERT INTO "index_token" VALUES(1,1099511627821,1194047167,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627821,1265778943,0,'http://hl7.org/fhir/administrative-gender','female');
INSERT INTO "index_token" VALUES(1,1099511627821,2007310113,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627822,808664983,0,'https://hal-bangkok.example/enrolments','0002-001');
INSERT INTO "index_token" VALUES(1,1099511627822,1045502257,0,'http://hl7.org/fhir/research-subject-status','off-study');
INSERT INTO "index_token" VALUES(1,1099511627823,462726270,0,'http://terminology.hl7.org/CodeSystem/condition-category','encounter-diagnosis');
INSERT INTO "index_token" VALUES(1,1099511627823,564356084,0,'https://hal-bangkok.example/conditions','0002-002');
INSERT INTO "index_token" VALUES(1,1099511627823,1193526918,0,'http://terminology.hl7.org/CodeSystem/condition-ver-status','confirmed');
INSERT INTO "index_token" VALUES(1,1099511627823,1278727198,0,'http://hl7.org/fhir/sid/icd-10','C50.9');
INSERT INTO "index_token" VALUES(1,1099511627823,1439089892,0,'http://terminology.hl7.org/CodeSystem/condition-clinical','active');
INSERT INTO "index_token" VALUES(1,1099511627824,462726270,0,'http://terminology.hl7.org/CodeSystem/condition-category','encounter-diagnosis');
INSERT INTO "index_token" VALUES(1,1099511627824,564356084,0,'https://hal-bangkok.example/conditions','0002-003');
INSERT INTO "index_token" VALUES(1,1099511627824,1193526918,0,'http://terminology.hl7.org/CodeSystem/condition-ver-status','confirmed');
INSERT INTO "index_token" VALUES(1,1099511627824,1278727198,0,'http://hl7.org/fhir/sid/icd-10','C79.5');
INSERT INTO "index_token" VALUES(1,1099511627824,1439089892,0,'http://terminology.hl7.org/CodeSystem/condition-clinical','active');
INSERT INTO "index_token" VALUES(1,1099511627825,309151991,0,'https://hal-bangkok.example/observations','0002-004');
INSERT INTO "index_token" VALUES(1,1099511627825,1187855407,0,'http://loinc.org','48676-1');
INSERT INTO "index_token" VALUES(1,1099511627825,1351464500,0,'http://loinc.org','LA6577-6');
INSERT INTO "index_token" VALUES(1,1099511627825,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627825,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','laboratory');
INSERT INTO "index_token" VALUES(1,1099511627826,309151991,0,'https://hal-bangkok.example/observations','0002-005');
INSERT INTO "index_token" VALUES(1,1099511627826,1187855407,0,'http://loinc.org','89247-1');
INSERT INTO "index_token" VALUES(1,1099511627826,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627826,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','survey');
INSERT INTO "index_token" VALUES(1,1099511627827,685467624,0,'https://hal-bangkok.example/procedures','0002-006');
INSERT INTO "index_token" VALUES(1,1099511627827,818550479,0,'http://hl7.org/fhir/event-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627827,1719130551,0,'http://snomed.info/sct','64368001');
INSERT INTO "index_token" VALUES(1,1099511627828,902119874,0,'https://hal-bangkok.example/medications','0002-007');
INSERT INTO "index_token" VALUES(1,1099511627828,1622251386,0,'http://www.whocc.no/atc','L01DB01');
INSERT INTO "index_token" VALUES(1,1099511627829,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627829,1871786885,0,'https://hal-bangkok.example/statements','0002-008');
INSERT INTO "index_token" VALUES(1,1099511627830,902119874,0,'https://hal-bangkok.example/medications','0002-009');
INSERT INTO "index_token" VALUES(1,1099511627830,1622251386,0,'http://www.whocc.no/atc','L01AA01');
INSERT INTO "index_token" VALUES(1,1099511627831,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627831,1871786885,0,'https://hal-bangkok.example/statements','0002-010');
INSERT INTO "index_token" VALUES(1,1099511627832,902119874,0,'https://hal-bangkok.example/medications','0002-011');
INSERT INTO "index_token" VALUES(1,1099511627832,1622251386,0,'http://www.whocc.no/atc','L01CD01');
INSERT INTO "index_token" VALUES(1,1099511627833,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627833,1871786885,0,'https://hal-bangkok.example/statements','0002-012');
INSERT INTO "index_token" VALUES(1,1099511627834,902119874,0,'https://hal-bangkok.example/medications','0002-013');
INSERT INTO "index_token" VALUES(1,1099511627834,1622251386,0,'http://www.whocc.no/atc','M05BA08');
INSERT INTO "index_token" VALUES(1,1099511627835,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627835,1871786885,0,'https://hal-bangkok.example/statements','0002-014');
INSERT INTO "index_token" VALUES(1,1099511627836,902119874,0,'https://hal-bangkok.example/medications','0002-016');
INSERT INTO "index_token" VALUES(1,1099511627836,1622251386,0,'http://www.whocc.no/atc','L01XX41');
INSERT INTO "index_token" VALUES(1,1099511627837,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627837,1675814049,0,'https://hal-bangkok.example/administrations','0002-015');
INSERT INTO "index_token" VALUES(1,1099511627838,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627838,1675814049,0,'https://hal-bangkok.example/administrations','0002-017');
INSERT INTO "index_token" VALUES(1,1099511627839,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627839,1675814049,0,'https://hal-bangkok.example/administrations','0002-018');
INSERT INTO "index_token" VALUES(1,1099511627840,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627840,1675814049,0,'https://hal-bangkok.example/administrations','0002-019');
INSERT INTO "index_token" VALUES(1,1099511627841,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627841,1675814049,0,'https://hal-bangkok.example/administrations','0002-020');
INSERT INTO "index_token" VALUES(1,1099511627842,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627842,1675814049,0,'https://hal-bangkok.example/administrations','0002-021');
INSERT INTO "index_token" VALUES(1,1099511627843,309151991,0,'https://hal-bangkok.example/observations','0002-022');
INSERT INTO "index_token" VALUES(1,1099511627843,1187855407,0,'http://loinc.org','21976-6');
INSERT INTO "index_token" VALUES(1,1099511627843,1351464500,0,'http://loinc.org','LA28371-5');
INSERT INTO "index_token" VALUES(1,1099511627843,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627843,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627844,309151991,0,'https://hal-bangkok.example/observations','0002-023');
INSERT INTO "index_token" VALUES(1,1099511627844,1187855407,0,'http://loinc.org','21976-6');
INSERT INTO "index_token" VALUES(1,1099511627844,1351464500,0,'http://loinc.org','LA28370-7');
INSERT INTO "index_token" VALUES(1,1099511627844,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627844,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627845,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(1,1099511627845,611942390,0,'https://www.meddra.org','10002272');
INSERT INTO "index_token" VALUES(1,1099511627845,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Non-serious');
INSERT INTO "index_token" VALUES(1,1099511627845,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','moderate');
INSERT INTO "index_token" VALUES(1,1099511627846,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(1,1099511627846,611942390,0,'https://www.meddra.org','10001760');
INSERT INTO "index_token" VALUES(1,1099511627846,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Non-serious');
INSERT INTO "index_token" VALUES(1,1099511627846,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','severe');
INSERT INTO "index_token" VALUES(1,1099511627847,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(1,1099511627847,611942390,0,'https://www.meddra.org','10034620');
INSERT INTO "index_token" VALUES(1,1099511627847,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Serious');
INSERT INTO "index_token" VALUES(1,1099511627847,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','severe');
INSERT INTO "index_token" VALUES(1,1099511627848,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(1,1099511627848,611942390,0,'https://www.meddra.org','10029366');
INSERT INTO "index_token" VALUES(1,1099511627848,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Non-serious');
INSERT INTO "index_token" VALUES(1,1099511627848,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','moderate');
INSERT INTO "index_token" VALUES(1,1099511627849,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(1,1099511627849,611942390,0,'https://www.meddra.org','10029366');
INSERT INTO "index_token" VALUES(1,1099511627849,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Non-serious');
INSERT INTO "index_token" VALUES(1,1099511627849,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','severe');
INSERT INTO "index_token" VALUES(1,1099511627850,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627850,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627850,875438315,0,'https://hal-bangkok.example/encounters','0002-029');
INSERT INTO "index_token" VALUES(1,1099511627851,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627851,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627851,875438315,0,'https://hal-bangkok.example/encounters','0002-030');
INSERT INTO "index_token" VALUES(1,1099511627852,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627852,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627852,875438315,0,'https://hal-bangkok.example/encounters','0002-031');
INSERT INTO "index_token" VALUES(1,1099511627853,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627853,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627853,875438315,0,'https://hal-bangkok.example/encounters','0002-032');
INSERT INTO "index_token" VALUES(1,1099511627854,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627854,583410422,0,'http://hl7.org/fhir/encounter-status','cancelled');
INSERT INTO "index_token" VALUES(1,1099511627854,875438315,0,'https://hal-bangkok.example/encounters','0002-033');
INSERT INTO "index_token" VALUES(1,1099511627855,587468934,0,'https://hal-manila.example/patients','HALAVEN-0003');
INSERT INTO "index_token" VALUES(1,1099511627855,1194047167,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627855,1265778943,0,'http://hl7.org/fhir/administrative-gender','female');
INSERT INTO "index_token" VALUES(1,1099511627855,2007310113,0,'','true');
INSERT INTO "index_token" VALUES(1,1099511627856,462726270,0,'http://terminology.hl7.org/CodeSystem/condition-category','encounter-diagnosis');
INSERT INTO "index_token" VALUES(1,1099511627856,564356084,0,'https://hal-manila.example/conditions','0003-001');
INSERT INTO "index_token" VALUES(1,1099511627856,1193526918,0,'http://terminology.hl7.org/CodeSystem/condition-ver-status','confirmed');
INSERT INTO "index_token" VALUES(1,1099511627856,1278727198,0,'http://snomed.info/sct','254837009');
INSERT INTO "index_token" VALUES(1,1099511627856,1439089892,0,'http://terminology.hl7.org/CodeSystem/condition-clinical','active');
INSERT INTO "index_token" VALUES(1,1099511627857,462726270,0,'http://terminology.hl7.org/CodeSystem/condition-category','encounter-diagnosis');
INSERT INTO "index_token" VALUES(1,1099511627857,564356084,0,'https://hal-manila.example/conditions','0003-002');
INSERT INTO "index_token" VALUES(1,1099511627857,1193526918,0,'http://terminology.hl7.org/CodeSystem/condition-ver-status','confirmed');
INSERT INTO "index_token" VALUES(1,1099511627857,1278727198,0,'http://snomed.info/sct','128462008');
INSERT INTO "index_token" VALUES(1,1099511627857,1439089892,0,'http://terminology.hl7.org/CodeSystem/condition-clinical','active');
INSERT INTO "index_token" VALUES(1,1099511627858,309151991,0,'https://hal-manila.example/observations','0003-003');
INSERT INTO "index_token" VALUES(1,1099511627858,1187855407,0,'http://loinc.org','48676-1');
INSERT INTO "index_token" VALUES(1,1099511627858,1351464500,0,'http://loinc.org','LA6577-6');
INSERT INTO "index_token" VALUES(1,1099511627858,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627858,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','laboratory');
INSERT INTO "index_token" VALUES(1,1099511627859,309151991,0,'https://hal-manila.example/observations','0003-004');
INSERT INTO "index_token" VALUES(1,1099511627859,1187855407,0,'http://loinc.org','89247-1');
INSERT INTO "index_token" VALUES(1,1099511627859,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627859,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','survey');
INSERT INTO "index_token" VALUES(1,1099511627860,685467624,0,'https://hal-manila.example/procedures','0003-005');
INSERT INTO "index_token" VALUES(1,1099511627860,818550479,0,'http://hl7.org/fhir/event-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627860,1719130551,0,'http://snomed.info/sct','64368001');
INSERT INTO "index_token" VALUES(1,1099511627861,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627861,1871786885,0,'https://hal-manila.example/statements','0003-006');
INSERT INTO "index_token" VALUES(1,1099511627862,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627862,1871786885,0,'https://hal-manila.example/statements','0003-007');
INSERT INTO "index_token" VALUES(1,1099511627863,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627863,1871786885,0,'https://hal-manila.example/statements','0003-008');
INSERT INTO "index_token" VALUES(1,1099511627864,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627864,1871786885,0,'https://hal-manila.example/statements','0003-009');
INSERT INTO "index_token" VALUES(1,1099511627865,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627865,1675814049,0,'https://hal-manila.example/administrations','0003-010');
INSERT INTO "index_token" VALUES(1,1099511627866,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','not-done');
INSERT INTO "index_token" VALUES(1,1099511627866,1675814049,0,'https://hal-manila.example/administrations','0003-011');
INSERT INTO "index_token" VALUES(1,1099511627867,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627867,1675814049,0,'https://hal-manila.example/administrations','0003-012');
INSERT INTO "index_token" VALUES(1,1099511627868,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','not-done');
INSERT INTO "index_token" VALUES(1,1099511627868,1675814049,0,'https://hal-manila.example/administrations','0003-013');
INSERT INTO "index_token" VALUES(1,1099511627869,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627869,1675814049,0,'https://hal-manila.example/administrations','0003-014');
INSERT INTO "index_token" VALUES(1,1099511627870,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627870,1675814049,0,'https://hal-manila.example/administrations','0003-015');
INSERT INTO "index_token" VALUES(1,1099511627871,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627871,1675814049,0,'https://hal-manila.example/administrations','0003-016');
INSERT INTO "index_token" VALUES(1,1099511627872,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627872,1675814049,0,'https://hal-manila.example/administrations','0003-017');
INSERT INTO "index_token" VALUES(1,1099511627873,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627873,1675814049,0,'https://hal-manila.example/administrations','0003-018');
INSERT INTO "index_token" VALUES(1,1099511627874,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627874,1675814049,0,'https://hal-manila.example/administrations','0003-019');
INSERT INTO "index_token" VALUES(1,1099511627875,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627875,1675814049,0,'https://hal-manila.example/administrations','0003-020');
INSERT INTO "index_token" VALUES(1,1099511627876,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(1,1099511627876,1675814049,0,'https://hal-manila.example/administrations','0003-021');
INSERT INTO "index_token" VALUES(1,1099511627877,309151991,0,'https://hal-manila.example/observations','0003-022');
INSERT INTO "index_token" VALUES(1,1099511627877,1187855407,0,'http://loinc.org','88040-1');
INSERT INTO "index_token" VALUES(1,1099511627877,1351464500,0,'http://loinc.org','LA28371-5');
INSERT INTO "index_token" VALUES(1,1099511627877,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627877,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627878,309151991,0,'https://hal-manila.example/observations','0003-023');
INSERT INTO "index_token" VALUES(1,1099511627878,1187855407,0,'http://loinc.org','88040-1');
INSERT INTO "index_token" VALUES(1,1099511627878,1351464500,0,'http://loinc.org','LA28371-5');
INSERT INTO "index_token" VALUES(1,1099511627878,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627878,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627879,309151991,0,'https://hal-manila.example/observations','0003-024');
INSERT INTO "index_token" VALUES(1,1099511627879,1187855407,0,'http://loinc.org','88040-1');
INSERT INTO "index_token" VALUES(1,1099511627879,1351464500,0,'http://loinc.org','LA28371-5');
INSERT INTO "index_token" VALUES(1,1099511627879,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627879,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627880,309151991,0,'https://hal-manila.example/observations','0003-025');
INSERT INTO "index_token" VALUES(1,1099511627880,1187855407,0,'http://loinc.org','88040-1');
INSERT INTO "index_token" VALUES(1,1099511627880,1351464500,0,'http://loinc.org','LA28371-5');
INSERT INTO "index_token" VALUES(1,1099511627880,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627880,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627881,309151991,0,'https://hal-manila.example/observations','0003-026');
INSERT INTO "index_token" VALUES(1,1099511627881,1187855407,0,'http://loinc.org','88040-1');
INSERT INTO "index_token" VALUES(1,1099511627881,1351464500,0,'http://loinc.org','LA28369-9');
INSERT INTO "index_token" VALUES(1,1099511627881,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(1,1099511627881,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(1,1099511627882,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627882,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627882,875438315,0,'https://hal-manila.example/encounters','0003-027');
INSERT INTO "index_token" VALUES(1,1099511627883,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627883,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627883,875438315,0,'https://hal-manila.example/encounters','0003-028');
INSERT INTO "index_token" VALUES(1,1099511627884,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627884,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627884,875438315,0,'https://hal-manila.example/encounters','0003-029');
INSERT INTO "index_token" VALUES(1,1099511627885,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627885,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627885,875438315,0,'https://hal-manila.example/encounters','0003-030');
INSERT INTO "index_token" VALUES(1,1099511627886,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627886,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627886,875438315,0,'https://hal-manila.example/encounters','0003-031');
INSERT INTO "index_token" VALUES(1,1099511627887,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627887,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627887,875438315,0,'https://hal-manila.example/encounters','0003-032');
INSERT INTO "index_token" VALUES(1,1099511627888,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627888,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(1,1099511627888,875438315,0,'https://hal-manila.example/encounters','0003-033');
INSERT INTO "index_token" VALUES(1,1099511627889,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(1,1099511627889,583410422,0,'http://hl7.org/fhir/encounter-status','cancelled');
INSERT INTO "index_token" VALUES(1,1099511627889,875438315,0,'https://hal-manila.example/encounters','0003-034');
INSERT INTO "index_token" VALUES(1,1099511627890,2007310113,0,'','false');
INSERT INTO "index_token" VALUES(1,1099511627891,2007310113,0,'','false');
INSERT INTO "index_token" VALUES(1,1099511627892,1496490128,0,'http://hl7.org/fhir/observation-status','amended');
INSERT INTO "index_token" VALUES(2,2199023255553,244837578,0,'http://hl7.org/fhir/research-study-status','active');
INSERT INTO "index_token" VALUES(2,2199023255553,1763860334,0,'https://clinicaltrials.gov','NCT00735215');
INSERT INTO "index_token" VALUES(2,2199023255554,244837578,0,'http://hl7.org/fhir/research-study-status','active');
INSERT INTO "index_token" VALUES(2,2199023255555,244837578,0,'http://hl7.org/fhir/research-study-status','active');
INSERT INTO "index_token" VALUES(2,2199023255555,1763860334,0,'https://clinicaltrials.gov','NCT06481553');
INSERT INTO "index_token" VALUES(2,2199023255556,587468934,0,'https://hal-bangkok.example/patients','HALAVEN-0002');
INSERT INTO "index_token" VALUES(2,2199023255556,1194047167,0,'','true');
INSERT INTO "index_token" VALUES(2,2199023255556,1265778943,0,'http://hl7.org/fhir/administrative-gender','female');
INSERT INTO "index_token" VALUES(2,2199023255556,2007310113,0,'','true');
INSERT INTO "index_token" VALUES(2,2199023255557,808664983,0,'https://hal-bangkok.example/enrolments','0002-001');
INSERT INTO "index_token" VALUES(2,2199023255557,1045502257,0,'http://hl7.org/fhir/research-subject-status','off-study');
INSERT INTO "index_token" VALUES(2,2199023255558,462726270,0,'http://terminology.hl7.org/CodeSystem/condition-category','encounter-diagnosis');
INSERT INTO "index_token" VALUES(2,2199023255558,564356084,0,'https://hal-bangkok.example/conditions','0002-002');
INSERT INTO "index_token" VALUES(2,2199023255558,1193526918,0,'http://terminology.hl7.org/CodeSystem/condition-ver-status','confirmed');
INSERT INTO "index_token" VALUES(2,2199023255558,1278727198,0,'http://hl7.org/fhir/sid/icd-10','C50.9');
INSERT INTO "index_token" VALUES(2,2199023255558,1439089892,0,'http://terminology.hl7.org/CodeSystem/condition-clinical','active');
INSERT INTO "index_token" VALUES(2,2199023255559,462726270,0,'http://terminology.hl7.org/CodeSystem/condition-category','encounter-diagnosis');
INSERT INTO "index_token" VALUES(2,2199023255559,564356084,0,'https://hal-bangkok.example/conditions','0002-003');
INSERT INTO "index_token" VALUES(2,2199023255559,1193526918,0,'http://terminology.hl7.org/CodeSystem/condition-ver-status','confirmed');
INSERT INTO "index_token" VALUES(2,2199023255559,1278727198,0,'http://hl7.org/fhir/sid/icd-10','C79.5');
INSERT INTO "index_token" VALUES(2,2199023255559,1439089892,0,'http://terminology.hl7.org/CodeSystem/condition-clinical','active');
INSERT INTO "index_token" VALUES(2,2199023255560,309151991,0,'https://hal-bangkok.example/observations','0002-004');
INSERT INTO "index_token" VALUES(2,2199023255560,1187855407,0,'http://loinc.org','48676-1');
INSERT INTO "index_token" VALUES(2,2199023255560,1351464500,0,'http://loinc.org','LA6577-6');
INSERT INTO "index_token" VALUES(2,2199023255560,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(2,2199023255560,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','laboratory');
INSERT INTO "index_token" VALUES(2,2199023255561,309151991,0,'https://hal-bangkok.example/observations','0002-005');
INSERT INTO "index_token" VALUES(2,2199023255561,1187855407,0,'http://loinc.org','89247-1');
INSERT INTO "index_token" VALUES(2,2199023255561,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(2,2199023255561,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','survey');
INSERT INTO "index_token" VALUES(2,2199023255562,685467624,0,'https://hal-bangkok.example/procedures','0002-006');
INSERT INTO "index_token" VALUES(2,2199023255562,818550479,0,'http://hl7.org/fhir/event-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255562,1719130551,0,'http://snomed.info/sct','64368001');
INSERT INTO "index_token" VALUES(2,2199023255563,902119874,0,'https://hal-bangkok.example/medications','0002-007');
INSERT INTO "index_token" VALUES(2,2199023255563,1622251386,0,'http://www.whocc.no/atc','L01DB01');
INSERT INTO "index_token" VALUES(2,2199023255564,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255564,1871786885,0,'https://hal-bangkok.example/statements','0002-008');
INSERT INTO "index_token" VALUES(2,2199023255565,902119874,0,'https://hal-bangkok.example/medications','0002-009');
INSERT INTO "index_token" VALUES(2,2199023255565,1622251386,0,'http://www.whocc.no/atc','L01AA01');
INSERT INTO "index_token" VALUES(2,2199023255566,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255566,1871786885,0,'https://hal-bangkok.example/statements','0002-010');
INSERT INTO "index_token" VALUES(2,2199023255567,902119874,0,'https://hal-bangkok.example/medications','0002-011');
INSERT INTO "index_token" VALUES(2,2199023255567,1622251386,0,'http://www.whocc.no/atc','L01CD01');
INSERT INTO "index_token" VALUES(2,2199023255568,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255568,1871786885,0,'https://hal-bangkok.example/statements','0002-012');
INSERT INTO "index_token" VALUES(2,2199023255569,902119874,0,'https://hal-bangkok.example/medications','0002-013');
INSERT INTO "index_token" VALUES(2,2199023255569,1622251386,0,'http://www.whocc.no/atc','M05BA08');
INSERT INTO "index_token" VALUES(2,2199023255570,1747949832,0,'http://hl7.org/fhir/CodeSystem/medication-statement-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255570,1871786885,0,'https://hal-bangkok.example/statements','0002-014');
INSERT INTO "index_token" VALUES(2,2199023255571,902119874,0,'https://hal-bangkok.example/medications','0002-016');
INSERT INTO "index_token" VALUES(2,2199023255571,1622251386,0,'http://www.whocc.no/atc','L01XX41');
INSERT INTO "index_token" VALUES(2,2199023255572,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255572,1675814049,0,'https://hal-bangkok.example/administrations','0002-015');
INSERT INTO "index_token" VALUES(2,2199023255573,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255573,1675814049,0,'https://hal-bangkok.example/administrations','0002-017');
INSERT INTO "index_token" VALUES(2,2199023255574,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255574,1675814049,0,'https://hal-bangkok.example/administrations','0002-018');
INSERT INTO "index_token" VALUES(2,2199023255575,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255575,1675814049,0,'https://hal-bangkok.example/administrations','0002-019');
INSERT INTO "index_token" VALUES(2,2199023255576,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255576,1675814049,0,'https://hal-bangkok.example/administrations','0002-020');
INSERT INTO "index_token" VALUES(2,2199023255577,139181143,0,'http://terminology.hl7.org/CodeSystem/medication-admin-status','completed');
INSERT INTO "index_token" VALUES(2,2199023255577,1675814049,0,'https://hal-bangkok.example/administrations','0002-021');
INSERT INTO "index_token" VALUES(2,2199023255578,309151991,0,'https://hal-bangkok.example/observations','0002-022');
INSERT INTO "index_token" VALUES(2,2199023255578,1187855407,0,'http://loinc.org','21976-6');
INSERT INTO "index_token" VALUES(2,2199023255578,1351464500,0,'http://loinc.org','LA28371-5');
INSERT INTO "index_token" VALUES(2,2199023255578,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(2,2199023255578,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(2,2199023255579,309151991,0,'https://hal-bangkok.example/observations','0002-023');
INSERT INTO "index_token" VALUES(2,2199023255579,1187855407,0,'http://loinc.org','21976-6');
INSERT INTO "index_token" VALUES(2,2199023255579,1351464500,0,'http://loinc.org','LA28370-7');
INSERT INTO "index_token" VALUES(2,2199023255579,1496490128,0,'http://hl7.org/fhir/observation-status','final');
INSERT INTO "index_token" VALUES(2,2199023255579,2054445707,0,'http://terminology.hl7.org/CodeSystem/observation-category','exam');
INSERT INTO "index_token" VALUES(2,2199023255580,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(2,2199023255580,611942390,0,'https://www.meddra.org','10002272');
INSERT INTO "index_token" VALUES(2,2199023255580,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Non-serious');
INSERT INTO "index_token" VALUES(2,2199023255580,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','moderate');
INSERT INTO "index_token" VALUES(2,2199023255581,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(2,2199023255581,611942390,0,'https://www.meddra.org','10001760');
INSERT INTO "index_token" VALUES(2,2199023255581,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Non-serious');
INSERT INTO "index_token" VALUES(2,2199023255581,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','severe');
INSERT INTO "index_token" VALUES(2,2199023255582,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(2,2199023255582,611942390,0,'https://www.meddra.org','10034620');
INSERT INTO "index_token" VALUES(2,2199023255582,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Serious');
INSERT INTO "index_token" VALUES(2,2199023255582,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','severe');
INSERT INTO "index_token" VALUES(2,2199023255583,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(2,2199023255583,611942390,0,'https://www.meddra.org','10029366');
INSERT INTO "index_token" VALUES(2,2199023255583,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Non-serious');
INSERT INTO "index_token" VALUES(2,2199023255583,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','moderate');
INSERT INTO "index_token" VALUES(2,2199023255584,577323401,0,'http://hl7.org/fhir/adverse-event-actuality','actual');
INSERT INTO "index_token" VALUES(2,2199023255584,611942390,0,'https://www.meddra.org','10029366');
INSERT INTO "index_token" VALUES(2,2199023255584,821654080,0,'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness','Non-serious');
INSERT INTO "index_token" VALUES(2,2199023255584,1373724471,0,'http://terminology.hl7.org/CodeSystem/adverse-event-severity','severe');
INSERT INTO "index_token" VALUES(2,2199023255585,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(2,2199023255585,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(2,2199023255585,875438315,0,'https://hal-bangkok.example/encounters','0002-029');
INSERT INTO "index_token" VALUES(2,2199023255586,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(2,2199023255586,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(2,2199023255586,875438315,0,'https://hal-bangkok.example/encounters','0002-030');
INSERT INTO "index_token" VALUES(2,2199023255587,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(2,2199023255587,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(2,2199023255587,875438315,0,'https://hal-bangkok.example/encounters','0002-031');
INSERT INTO "index_token" VALUES(2,2199023255588,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(2,2199023255588,583410422,0,'http://hl7.org/fhir/encounter-status','finished');
INSERT INTO "index_token" VALUES(2,2199023255588,875438315,0,'https://hal-bangkok.example/encounters','0002-032');
INSERT INTO "index_token" VALUES(2,2199023255589,405923043,0,'http://terminology.hl7.org/CodeSystem/v3-ActCode','AMB');
INSERT INTO "index_token" VALUES(2,2199023255589,583410422,0,'http://hl7.org/fhir/encounter-status','cancelled');
INSERT INTO "index_token" VALUES(2,2199023255589,875438315,0,'https://hal-bangkok.example/encounters','0002-033');
CREATE TABLE index_uri (
	site SMALLINT NOT NULL, 
	rid BIGINT NOT NULL, 
	param INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (site, param, value, rid, item)
)
 WITHOUT ROWID

;
INSERT INTO "index_uri" VALUES(1,1099511627855,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-patient');
INSERT INTO "index_uri" VALUES(1,1099511627856,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-primary-cancer-condition');
INSERT INTO "index_uri" VALUES(1,1099511627857,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-secondary-cancer-condition');
INSERT INTO "index_uri" VALUES(1,1099511627858,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-tumor-marker-test');
INSERT INTO "index_uri" VALUES(1,1099511627859,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-ecog-performance-status');
INSERT INTO "index_uri" VALUES(1,1099511627860,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-surgical-procedure');
INSERT INTO "index_uri" VALUES(1,1099511627865,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627866,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627867,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627868,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627869,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627870,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627871,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627872,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627873,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627874,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627875,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627876,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration');
INSERT INTO "index_uri" VALUES(1,1099511627877,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status');
INSERT INTO "index_uri" VALUES(1,1099511627878,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status');
INSERT INTO "index_uri" VALUES(1,1099511627879,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status');
INSERT INTO "index_uri" VALUES(1,1099511627880,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status');
INSERT INTO "index_uri" VALUES(1,1099511627881,317220019,0,'http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status');
CREATE TABLE medication (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	drug TEXT, 
	drug_code TEXT, 
	drug_text TEXT, 
	drug_class TEXT, 
	PRIMARY KEY (_site, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "medication" VALUES(1,1099511627828,'made-40',1,4,0,'made-40','doxorubicin','L01DB01','Doxorubicin','chemo');
INSERT INTO "medication" VALUES(1,1099511627830,'made-42',1,4,0,'made-42','cyclophosphamide','L01AA01','Cyclophosphamide','chemo');
INSERT INTO "medication" VALUES(1,1099511627832,'made-44',1,4,0,'made-44','paclitaxel','L01CD01','Paclitaxel','chemo');
INSERT INTO "medication" VALUES(1,1099511627834,'made-46',1,4,0,'made-46','zoledronic-acid','M05BA08','Zoledronic acid','supportive');
INSERT INTO "medication" VALUES(1,1099511627836,'made-48',1,4,0,'made-48','eribulin','L01XX41','Eribulin mesylate','chemo');
INSERT INTO "medication" VALUES(2,2199023255563,'made-109',1,2,0,'made-109','doxorubicin','L01DB01','Doxorubicin','chemo');
INSERT INTO "medication" VALUES(2,2199023255565,'made-111',1,2,0,'made-111','cyclophosphamide','L01AA01','Cyclophosphamide','chemo');
INSERT INTO "medication" VALUES(2,2199023255567,'made-113',1,2,0,'made-113','paclitaxel','L01CD01','Paclitaxel','chemo');
INSERT INTO "medication" VALUES(2,2199023255569,'made-115',1,2,0,'made-115','zoledronic-acid','M05BA08','Zoledronic acid','supportive');
INSERT INTO "medication" VALUES(2,2199023255571,'made-117',1,2,0,'made-117','eribulin','L01XX41','Eribulin mesylate','chemo');
CREATE TABLE medication_administration (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	status TEXT, 
	drug TEXT, 
	drug_code TEXT, 
	drug_text TEXT, 
	drug_class TEXT, 
	medication TEXT, 
	start TEXT, 
	start_lo BIGINT, 
	start_hi BIGINT, 
	"end" TEXT, 
	end_lo BIGINT, 
	end_hi BIGINT, 
	dose FLOAT, 
	dose_unit TEXT, 
	site TEXT, 
	identifier TEXT, 
	performer TEXT, 
	intent TEXT, 
	reason TEXT, 
	reasons TEXT, 
	reason_code TEXT, 
	line BIGINT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "medication_administration" VALUES(1,1099511627798,'made-10',1,3,0,'made-10','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-02-16T11:57:00+09:00',17213,17213,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-010',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627799,'made-11',1,3,0,'made-11','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-02-23T10:02:00+09:00',17220,17220,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-011',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627800,'made-12',1,3,0,'made-12','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-03-09T15:54:00+09:00',17234,17234,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-012',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627801,'made-13',1,3,0,'made-13','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-03-16T10:59:00+09:00',17241,17241,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-013',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627802,'made-14',1,3,0,'made-14','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-03-30T12:24:00+09:00',17255,17255,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-014',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627803,'made-15',1,3,0,'made-15','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-04-06T00:10:00+09:00',17262,17262,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-015',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627804,'made-16',1,3,0,'made-16','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-04-20T00:13:00+09:00',17276,17276,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-016',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627805,'made-17',1,3,0,'made-17','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-04-27T08:07:00+09:00',17283,17283,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-017',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627806,'made-18',1,3,0,'made-18','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-05-11T08:17:00+09:00',17297,17297,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-018',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627807,'made-19',1,3,0,'made-19','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-05-18T14:27:00+09:00',17304,17304,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-019',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627808,'made-20',1,3,0,'made-20','made-0','completed','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-06-01T00:52:00+09:00',17318,17318,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-020',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627809,'made-21',1,3,0,'made-21','made-0','not-done','eribulin','448800004','Eribulin mesylate','chemo',NULL,'2017-06-08T15:24:00+09:00',17325,17325,NULL,NULL,NULL,2.3,'mg',NULL,'https://hal-tokyo.example/administrations|0001-021',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627837,'made-49',1,4,0,'made-49','made-33','completed',NULL,NULL,NULL,NULL,'made-48','2013-08-31T08:24:00+07:00',15948,15948,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-015',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627838,'made-50',1,4,0,'made-50','made-33','completed',NULL,NULL,NULL,NULL,'made-48','2013-09-07T17:50:00+07:00',15955,15955,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-017',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627839,'made-51',1,4,0,'made-51','made-33','completed',NULL,NULL,NULL,NULL,'made-48','2013-09-21',15969,15969,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-018',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627840,'made-52',1,4,0,'made-52','made-33','completed',NULL,NULL,NULL,NULL,'made-48','2013-09-28T00:23:00+07:00',15976,15976,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-019',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627841,'made-53',1,4,0,'made-53','made-33','completed',NULL,NULL,NULL,NULL,'made-48','2013-10-12T11:56:00+07:00',15990,15990,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-020',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627842,'made-54',1,4,0,'made-54','made-33','completed',NULL,NULL,NULL,NULL,'made-48','2013-10-19',15997,15997,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-021',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627865,'made-77',1,5,0,'made-77','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2015-10-19T00:18:00+08:00',16727,16727,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-010',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627866,'made-78',1,5,0,'made-78','made-67','not-done','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2015-10-26T00:40:00+08:00',16734,16734,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-011',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627867,'made-79',1,5,0,'made-79','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2015-11-09',16748,16748,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-012',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627868,'made-80',1,5,0,'made-80','made-67','not-done','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2015-11-16T00:34:00+08:00',16755,16755,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-013',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627869,'made-81',1,5,0,'made-81','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2015-11-30',16769,16769,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-014',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627870,'made-82',1,5,0,'made-82','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2015-12-07T11:33:00+08:00',16776,16776,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-015',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627871,'made-83',1,5,0,'made-83','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2015-12-21T09:50:00+08:00',16790,16790,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-016',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627872,'made-84',1,5,0,'made-84','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2015-12-28T00:50:00+08:00',16797,16797,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-017',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627873,'made-85',1,5,0,'made-85','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2016-01-11T11:19:00+08:00',16811,16811,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-018',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627874,'made-86',1,5,0,'made-86','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2016-01-18T00:41:00+08:00',16818,16818,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-019',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627875,'made-87',1,5,0,'made-87','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2016-02-01T00:36:00+08:00',16832,16832,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-020',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(1,1099511627876,'made-88',1,5,0,'made-88','made-67','completed','eribulin',NULL,'Eribulin mesylate','chemo',NULL,'2016-02-08T13:00:00+08:00',16839,16839,NULL,NULL,NULL,2.4,'mg',NULL,'https://hal-manila.example/administrations|0003-021',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(2,2199023255572,'made-118',1,2,0,'made-118','made-102','completed',NULL,NULL,NULL,NULL,'made-117','2013-08-31T08:24:00+07:00',15948,15948,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-015',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(2,2199023255573,'made-119',1,2,0,'made-119','made-102','completed',NULL,NULL,NULL,NULL,'made-117','2013-09-07T17:50:00+07:00',15955,15955,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-017',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(2,2199023255574,'made-120',1,2,0,'made-120','made-102','completed',NULL,NULL,NULL,NULL,'made-117','2013-09-21',15969,15969,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-018',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(2,2199023255575,'made-121',1,2,0,'made-121','made-102','completed',NULL,NULL,NULL,NULL,'made-117','2013-09-28T00:23:00+07:00',15976,15976,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-019',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(2,2199023255576,'made-122',1,2,0,'made-122','made-102','completed',NULL,NULL,NULL,NULL,'made-117','2013-10-12T11:56:00+07:00',15990,15990,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-020',NULL,NULL,NULL,'[]',NULL,NULL);
INSERT INTO "medication_administration" VALUES(2,2199023255577,'made-123',1,2,0,'made-123','made-102','completed',NULL,NULL,NULL,NULL,'made-117','2013-10-19',15997,15997,NULL,NULL,NULL,2.1,'mg',NULL,'https://hal-bangkok.example/administrations|0002-021',NULL,NULL,NULL,'[]',NULL,NULL);
CREATE TABLE medication_request (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	status TEXT, 
	drug TEXT, 
	drug_code TEXT, 
	drug_text TEXT, 
	drug_class TEXT, 
	medication TEXT, 
	authored TEXT, 
	authored_lo BIGINT, 
	authored_hi BIGINT, 
	intent TEXT, 
	reason TEXT, 
	reasons TEXT, 
	reason_code TEXT, 
	line BIGINT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
CREATE TABLE medication_statement (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	status TEXT, 
	drug TEXT, 
	drug_code TEXT, 
	drug_text TEXT, 
	drug_class TEXT, 
	medication TEXT, 
	start TEXT, 
	start_lo BIGINT, 
	start_hi BIGINT, 
	"end" TEXT, 
	end_lo BIGINT, 
	end_hi BIGINT, 
	asserted TEXT, 
	asserted_lo BIGINT, 
	asserted_hi BIGINT, 
	identifier TEXT, 
	intent TEXT, 
	reason TEXT, 
	reasons TEXT, 
	reason_code TEXT, 
	indication TEXT, 
	line BIGINT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "medication_statement" VALUES(1,1099511627795,'made-7',1,3,0,'made-7','made-0','completed','doxorubicin','372817009','Doxorubicin','chemo',NULL,'2012-12-07',15681,15681,'2013-03-01',15765,15765,NULL,NULL,NULL,'https://hal-tokyo.example/statements|0001-007',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627796,'made-8',1,3,0,'made-8','made-0','completed','cyclophosphamide','387420009','Cyclophosphamide','chemo',NULL,'2012-12-07',15681,15681,'2013-03-01',15765,15765,NULL,NULL,NULL,'https://hal-tokyo.example/statements|0001-008',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627797,'made-9',1,3,0,'made-9','made-0','completed','docetaxel','386918005','Docetaxel','chemo',NULL,'2016-04-08',16899,16899,'2016-07-07',16989,16989,NULL,NULL,NULL,'https://hal-tokyo.example/statements|0001-009',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627829,'made-41',1,4,0,'made-41','made-33','completed',NULL,NULL,NULL,NULL,'made-40','2008-09-15',14137,14137,'2008-12-08',14221,14221,NULL,NULL,NULL,'https://hal-bangkok.example/statements|0002-008',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627831,'made-43',1,4,0,'made-43','made-33','completed',NULL,NULL,NULL,NULL,'made-42','2008-09-15',14137,14137,'2008-12-08',14221,14221,NULL,NULL,NULL,'https://hal-bangkok.example/statements|0002-010',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627833,'made-45',1,4,0,'made-45','made-33','completed',NULL,NULL,NULL,NULL,'made-44','2013-01-24',15729,15729,'2013-04-24',15819,15819,NULL,NULL,NULL,'https://hal-bangkok.example/statements|0002-012',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627835,'made-47',1,4,0,'made-47','made-33','completed',NULL,NULL,NULL,NULL,'made-46','2013-09-30',15978,15978,'2014-03-19',16148,16148,NULL,NULL,NULL,'https://hal-bangkok.example/statements|0002-014',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627861,'made-73',1,5,0,'made-73','made-67','completed','doxorubicin',NULL,'Doxorubicin','chemo',NULL,'2012-02-17',15387,15387,'2012-05-11',15471,15471,NULL,NULL,NULL,'https://hal-manila.example/statements|0003-006',NULL,NULL,'[]',NULL,'breast-cancer',NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627862,'made-74',1,5,0,'made-74','made-67','completed','cyclophosphamide',NULL,'Cyclophosphamide','chemo',NULL,'2012-02-17',15387,15387,'2012-05-11',15471,15471,NULL,NULL,NULL,'https://hal-manila.example/statements|0003-007',NULL,NULL,'[]',NULL,'breast-cancer',NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627863,'made-75',1,5,0,'made-75','made-67','completed','docetaxel',NULL,'Docetaxel','chemo',NULL,'2014-09-24',16337,16337,'2014-12-23',16427,16427,NULL,NULL,NULL,'https://hal-manila.example/statements|0003-008',NULL,NULL,'[]',NULL,'breast-cancer',NULL);
INSERT INTO "medication_statement" VALUES(1,1099511627864,'made-76',1,5,0,'made-76','made-67','completed','gemcitabine',NULL,'Gemcitabine','chemo',NULL,'2016-04-18',16909,16909,'2016-07-07',16989,16989,NULL,NULL,NULL,'https://hal-manila.example/statements|0003-009',NULL,NULL,'[]',NULL,'breast-cancer',NULL);
INSERT INTO "medication_statement" VALUES(2,2199023255564,'made-110',1,2,0,'made-110','made-102','completed',NULL,NULL,NULL,NULL,'made-109','2008-09-15',14137,14137,'2008-12-08',14221,14221,NULL,NULL,NULL,'https://hal-bangkok.example/statements|0002-008',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(2,2199023255566,'made-112',1,2,0,'made-112','made-102','completed',NULL,NULL,NULL,NULL,'made-111','2008-09-15',14137,14137,'2008-12-08',14221,14221,NULL,NULL,NULL,'https://hal-bangkok.example/statements|0002-010',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(2,2199023255568,'made-114',1,2,0,'made-114','made-102','completed',NULL,NULL,NULL,NULL,'made-113','2013-01-24',15729,15729,'2013-04-24',15819,15819,NULL,NULL,NULL,'https://hal-bangkok.example/statements|0002-012',NULL,NULL,'[]',NULL,NULL,NULL);
INSERT INTO "medication_statement" VALUES(2,2199023255570,'made-116',1,2,0,'made-116','made-102','completed',NULL,NULL,NULL,NULL,'made-115','2013-09-30',15978,15978,'2014-03-19',16148,16148,NULL,NULL,NULL,'https://hal-bangkok.example/statements|0002-014',NULL,NULL,'[]',NULL,NULL,NULL);
CREATE TABLE observation (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	topic TEXT, 
	status TEXT, 
	effective TEXT, 
	effective_lo BIGINT, 
	effective_hi BIGINT, 
	value TEXT, 
	value_code TEXT, 
	value_number FLOAT, 
	value_unit TEXT, 
	identifier TEXT, 
	evidence TEXT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "observation" VALUES(1,1099511627810,'made-22',1,3,0,'made-22','made-0','response','final','2017-02-15T09:48:00+09:00',17212,17212,'SD','LA28371-5',NULL,NULL,'https://hal-tokyo.example/observations|0001-022','imaging');
INSERT INTO "observation" VALUES(1,1099511627811,'made-23',1,3,0,'made-23','made-0','response','final','2017-04-10',17266,17266,'SD','LA28371-5',NULL,NULL,'https://hal-tokyo.example/observations|0001-023','imaging');
INSERT INTO "observation" VALUES(1,1099511627812,'made-24',1,3,0,'made-24','made-0','response','final','2017-06-05',17322,17322,'PD','LA28370-7',NULL,NULL,'https://hal-tokyo.example/observations|0001-024','imaging');
INSERT INTO "observation" VALUES(1,1099511627813,'made-25',1,3,0,'made-25','made-0','response','final','2017-08-04',17382,17382,'PR','LA28369-9',NULL,NULL,'https://hal-tokyo.example/observations|0001-025','imaging');
INSERT INTO "observation" VALUES(1,1099511627792,'made-4',1,3,0,'made-4','made-0','her2','final','2012-10-23T00:18:00+09:00',15636,15636,'negative','LA6577-6',NULL,NULL,'https://hal-tokyo.example/observations|0001-004',NULL);
INSERT INTO "observation" VALUES(1,1099511627793,'made-5',1,3,0,'made-5','made-0','ecog','final','2016-03-29',16889,16889,NULL,NULL,2.0,NULL,'https://hal-tokyo.example/observations|0001-005',NULL);
INSERT INTO "observation" VALUES(1,1099511627892,'o',3,9,0,'o','made-1',NULL,'amended',NULL,NULL,NULL,NULL,NULL,1.5,'mg','',NULL);
INSERT INTO "observation" VALUES(1,1099511627825,'made-37',1,4,0,'made-37','made-33','her2','final','2008-08-01T16:59:00+07:00',14092,14092,'negative','LA6577-6',NULL,NULL,'https://hal-bangkok.example/observations|0002-004',NULL);
INSERT INTO "observation" VALUES(1,1099511627826,'made-38',1,4,0,'made-38','made-33','ecog','final','2013-01-14T00:36:00+07:00',15719,15719,NULL,NULL,0.0,NULL,'https://hal-bangkok.example/observations|0002-005',NULL);
INSERT INTO "observation" VALUES(1,1099511627843,'made-55',1,4,0,'made-55','made-33','response','final','2013-08-22',15939,15939,'SD','LA28371-5',NULL,NULL,'https://hal-bangkok.example/observations|0002-022','imaging');
INSERT INTO "observation" VALUES(1,1099511627844,'made-56',1,4,0,'made-56','made-33','response','final','2013-10-20',15998,15998,'PD','LA28370-7',NULL,NULL,'https://hal-bangkok.example/observations|0002-023','imaging');
INSERT INTO "observation" VALUES(1,1099511627858,'made-70',1,5,0,'made-70','made-67','her2','final','2012-01-03T16:48:00+08:00',15342,15342,'negative','LA6577-6',NULL,NULL,'https://hal-manila.example/observations|0003-003',NULL);
INSERT INTO "observation" VALUES(1,1099511627859,'made-71',1,5,0,'made-71','made-67','ecog','final','2014-09-14T15:04:00+08:00',16327,16327,NULL,NULL,1.0,NULL,'https://hal-manila.example/observations|0003-004',NULL);
INSERT INTO "observation" VALUES(1,1099511627877,'made-89',1,5,0,'made-89','made-67','response','final','2015-10-07T17:22:00+08:00',16715,16715,'SD','LA28371-5',NULL,NULL,'https://hal-manila.example/observations|0003-022','imaging');
INSERT INTO "observation" VALUES(1,1099511627878,'made-90',1,5,0,'made-90','made-67','response','final','2015-12-18T09:52:00+08:00',16787,16787,'SD','LA28371-5',NULL,NULL,'https://hal-manila.example/observations|0003-023','imaging');
INSERT INTO "observation" VALUES(1,1099511627879,'made-91',1,5,0,'made-91','made-67','response','final','2016-02-12',16843,16843,'SD','LA28371-5',NULL,NULL,'https://hal-manila.example/observations|0003-024','imaging');
INSERT INTO "observation" VALUES(1,1099511627880,'made-92',1,5,0,'made-92','made-67','response','final','2016-04-08T00:31:00+08:00',16899,16899,'SD','LA28371-5',NULL,NULL,'https://hal-manila.example/observations|0003-025','imaging');
INSERT INTO "observation" VALUES(1,1099511627881,'made-93',1,5,0,'made-93','made-67','response','final','2016-06-13T00:15:00+08:00',16965,16965,'PR','LA28369-9',NULL,NULL,'https://hal-manila.example/observations|0003-026','imaging');
INSERT INTO "observation" VALUES(2,2199023255560,'made-106',1,2,0,'made-106','made-102','her2','final','2008-08-01T16:59:00+07:00',14092,14092,'negative','LA6577-6',NULL,NULL,'https://hal-bangkok.example/observations|0002-004',NULL);
INSERT INTO "observation" VALUES(2,2199023255561,'made-107',1,2,0,'made-107','made-102','ecog','final','2013-01-14T00:36:00+07:00',15719,15719,NULL,NULL,0.0,NULL,'https://hal-bangkok.example/observations|0002-005',NULL);
INSERT INTO "observation" VALUES(2,2199023255578,'made-124',1,2,0,'made-124','made-102','response','final','2013-08-22',15939,15939,'SD','LA28371-5',NULL,NULL,'https://hal-bangkok.example/observations|0002-022','imaging');
INSERT INTO "observation" VALUES(2,2199023255579,'made-125',1,2,0,'made-125','made-102','response','final','2013-10-20',15998,15998,'PD','LA28370-7',NULL,NULL,'https://hal-bangkok.example/observations|0002-023','imaging');
CREATE TABLE patient (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	birth TEXT, 
	birth_lo BIGINT, 
	birth_hi BIGINT, 
	gender TEXT, 
	deceased BOOLEAN, 
	death TEXT, 
	death_lo BIGINT, 
	death_hi BIGINT, 
	replaced_by TEXT, 
	replaces TEXT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "patient" VALUES(1,1099511627788,'made-0',1,3,0,'made-0','made-0','1967-08',-884,-854,'female',NULL,NULL,NULL,NULL,NULL,'[]');
INSERT INTO "patient" VALUES(1,1099511627890,'made-136',2,6,0,'made-136','made-136','1951-02',-6909,-6882,NULL,NULL,NULL,NULL,NULL,'made-1','[]');
INSERT INTO "patient" VALUES(1,1099511627891,'made-137',1,7,0,'made-137','made-137','1951-02',-6909,-6882,NULL,NULL,NULL,NULL,NULL,NULL,'[]');
INSERT INTO "patient" VALUES(1,1099511627821,'made-33',1,4,0,'made-33','made-33','1976',2191,2556,'female',1,'2014-05-10T15:23:00+07:00',16200,16200,NULL,'[]');
INSERT INTO "patient" VALUES(1,1099511627855,'made-67',1,5,0,'made-67','made-67','1956-04-19',-5005,-5005,'female',1,'2016-10-19T00:49:00+08:00',17093,17093,NULL,'[]');
INSERT INTO "patient" VALUES(2,2199023255556,'made-102',1,2,0,'made-102','made-102','1976',2191,2556,'female',1,'2014-05-10T15:23:00+07:00',16200,16200,NULL,'[]');
CREATE TABLE procedure (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	kind TEXT, 
	status TEXT, 
	start TEXT, 
	start_lo BIGINT, 
	start_hi BIGINT, 
	"end" TEXT, 
	end_lo BIGINT, 
	end_hi BIGINT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "procedure" VALUES(1,1099511627794,'made-6',1,3,0,'made-6','made-0','breast-surgery','completed','2012-11-07',15651,15651,NULL,NULL,NULL);
INSERT INTO "procedure" VALUES(1,1099511627827,'made-39',1,4,0,'made-39','made-33','breast-surgery','completed','2008-08-16',14107,14107,NULL,NULL,NULL);
INSERT INTO "procedure" VALUES(1,1099511627860,'made-72',1,5,0,'made-72','made-67','breast-surgery','completed','2012-01-18T00:32:00+08:00',15357,15357,NULL,NULL,NULL);
INSERT INTO "procedure" VALUES(2,2199023255562,'made-108',1,2,0,'made-108','made-102','breast-surgery','completed','2008-08-16',14107,14107,NULL,NULL,NULL);
CREATE TABLE research_subject (
	_site SMALLINT NOT NULL, 
	_rid BIGINT NOT NULL, 
	_id TEXT NOT NULL, 
	_version INTEGER NOT NULL, 
	_submission BIGINT NOT NULL, 
	_row INTEGER NOT NULL, 
	id TEXT, 
	patient TEXT NOT NULL, 
	study TEXT, 
	status TEXT, 
	start TEXT, 
	start_lo BIGINT, 
	start_hi BIGINT, 
	"end" TEXT, 
	end_lo BIGINT, 
	end_hi BIGINT, 
	PRIMARY KEY (_site, patient, _id, _row)
)
 WITHOUT ROWID

;
INSERT INTO "research_subject" VALUES(1,1099511627789,'made-1',1,3,0,'made-1','made-0','halaven','off-study','2017-02-15',17212,17212,NULL,NULL,NULL);
INSERT INTO "research_subject" VALUES(1,1099511627822,'made-34',1,4,0,'made-34','made-33','halaven','off-study','2013-08-30',15947,15947,NULL,NULL,NULL);
INSERT INTO "research_subject" VALUES(2,2199023255557,'made-103',1,2,0,'made-103','made-102','halaven','off-study','2013-08-30',15947,15947,NULL,NULL,NULL);
CREATE TABLE resource (
	rid INTEGER NOT NULL, 
	site SMALLINT NOT NULL, 
	type TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	updated BIGINT NOT NULL, 
	deleted SMALLINT NOT NULL, 
	submission BIGINT NOT NULL, 
	PRIMARY KEY (rid)
);
INSERT INTO "resource" VALUES(1099511627777,1,'ResearchStudy','faslodex',1,1700000000000000,0,1);
INSERT INTO "resource" VALUES(1099511627778,1,'ResearchStudy','halaven',1,1700000000000000,0,1);
INSERT INTO "resource" VALUES(1099511627779,1,'ResearchStudy','lipusu-her2',1,1700000000000000,0,1);
INSERT INTO "resource" VALUES(1099511627780,1,'Organization','hal-seoul',1,1700000014000000,0,2);
INSERT INTO "resource" VALUES(1099511627781,1,'Practitioner','hal-seoul-oncologist',1,1700000014000000,0,2);
INSERT INTO "resource" VALUES(1099511627782,1,'Organization','hal-tokyo',1,1700000014000000,0,2);
INSERT INTO "resource" VALUES(1099511627783,1,'Practitioner','hal-tokyo-oncologist',1,1700000014000000,0,2);
INSERT INTO "resource" VALUES(1099511627784,1,'Organization','hal-bangkok',1,1700000014000000,0,2);
INSERT INTO "resource" VALUES(1099511627785,1,'Practitioner','hal-bangkok-oncologist',1,1700000014000000,0,2);
INSERT INTO "resource" VALUES(1099511627786,1,'Organization','hal-manila',1,1700000014000000,0,2);
INSERT INTO "resource" VALUES(1099511627787,1,'Practitioner','hal-manila-oncologist',1,1700000014000000,0,2);
INSERT INTO "resource" VALUES(1099511627788,1,'Patient','made-0',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627789,1,'ResearchSubject','made-1',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627790,1,'Condition','made-2',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627791,1,'Condition','made-3',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627792,1,'Observation','made-4',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627793,1,'Observation','made-5',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627794,1,'Procedure','made-6',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627795,1,'MedicationStatement','made-7',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627796,1,'MedicationStatement','made-8',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627797,1,'MedicationStatement','made-9',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627798,1,'MedicationAdministration','made-10',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627799,1,'MedicationAdministration','made-11',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627800,1,'MedicationAdministration','made-12',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627801,1,'MedicationAdministration','made-13',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627802,1,'MedicationAdministration','made-14',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627803,1,'MedicationAdministration','made-15',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627804,1,'MedicationAdministration','made-16',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627805,1,'MedicationAdministration','made-17',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627806,1,'MedicationAdministration','made-18',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627807,1,'MedicationAdministration','made-19',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627808,1,'MedicationAdministration','made-20',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627809,1,'MedicationAdministration','made-21',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627810,1,'Observation','made-22',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627811,1,'Observation','made-23',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627812,1,'Observation','made-24',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627813,1,'Observation','made-25',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627814,1,'Encounter','made-26',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627815,1,'Encounter','made-27',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627816,1,'Encounter','made-28',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627817,1,'Encounter','made-29',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627818,1,'Encounter','made-30',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627819,1,'Encounter','made-31',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627820,1,'Encounter','made-32',1,1700000021000000,0,3);
INSERT INTO "resource" VALUES(1099511627821,1,'Patient','made-33',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627822,1,'ResearchSubject','made-34',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627823,1,'Condition','made-35',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627824,1,'Condition','made-36',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627825,1,'Observation','made-37',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627826,1,'Observation','made-38',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627827,1,'Procedure','made-39',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627828,1,'Medication','made-40',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627829,1,'MedicationStatement','made-41',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627830,1,'Medication','made-42',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627831,1,'MedicationStatement','made-43',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627832,1,'Medication','made-44',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627833,1,'MedicationStatement','made-45',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627834,1,'Medication','made-46',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627835,1,'MedicationStatement','made-47',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627836,1,'Medication','made-48',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627837,1,'MedicationAdministration','made-49',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627838,1,'MedicationAdministration','made-50',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627839,1,'MedicationAdministration','made-51',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627840,1,'MedicationAdministration','made-52',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627841,1,'MedicationAdministration','made-53',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627842,1,'MedicationAdministration','made-54',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627843,1,'Observation','made-55',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627844,1,'Observation','made-56',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627845,1,'AdverseEvent','made-57',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627846,1,'AdverseEvent','made-58',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627847,1,'AdverseEvent','made-59',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627848,1,'AdverseEvent','made-60',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627849,1,'AdverseEvent','made-61',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627850,1,'Encounter','made-62',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627851,1,'Encounter','made-63',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627852,1,'Encounter','made-64',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627853,1,'Encounter','made-65',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627854,1,'Encounter','made-66',1,1700000035000000,0,4);
INSERT INTO "resource" VALUES(1099511627855,1,'Patient','made-67',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627856,1,'Condition','made-68',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627857,1,'Condition','made-69',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627858,1,'Observation','made-70',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627859,1,'Observation','made-71',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627860,1,'Procedure','made-72',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627861,1,'MedicationStatement','made-73',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627862,1,'MedicationStatement','made-74',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627863,1,'MedicationStatement','made-75',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627864,1,'MedicationStatement','made-76',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627865,1,'MedicationAdministration','made-77',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627866,1,'MedicationAdministration','made-78',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627867,1,'MedicationAdministration','made-79',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627868,1,'MedicationAdministration','made-80',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627869,1,'MedicationAdministration','made-81',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627870,1,'MedicationAdministration','made-82',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627871,1,'MedicationAdministration','made-83',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627872,1,'MedicationAdministration','made-84',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627873,1,'MedicationAdministration','made-85',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627874,1,'MedicationAdministration','made-86',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627875,1,'MedicationAdministration','made-87',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627876,1,'MedicationAdministration','made-88',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627877,1,'Observation','made-89',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627878,1,'Observation','made-90',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627879,1,'Observation','made-91',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627880,1,'Observation','made-92',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627881,1,'Observation','made-93',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627882,1,'Encounter','made-94',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627883,1,'Encounter','made-95',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627884,1,'Encounter','made-96',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627885,1,'Encounter','made-97',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627886,1,'Encounter','made-98',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627887,1,'Encounter','made-99',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627888,1,'Encounter','made-100',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627889,1,'Encounter','made-101',1,1700000049000000,0,5);
INSERT INTO "resource" VALUES(1099511627890,1,'Patient','made-136',2,1700000112000000,0,6);
INSERT INTO "resource" VALUES(1099511627891,1,'Patient','made-137',1,1700000098000000,0,7);
INSERT INTO "resource" VALUES(1099511627892,1,'Observation','o',3,1700000133000000,0,9);
INSERT INTO "resource" VALUES(1099511627893,1,'Observation','gone',2,1700000147000000,1,12);
INSERT INTO "resource" VALUES(2199023255553,2,'ResearchStudy','faslodex',1,1700000007000000,0,1);
INSERT INTO "resource" VALUES(2199023255554,2,'ResearchStudy','halaven',1,1700000007000000,0,1);
INSERT INTO "resource" VALUES(2199023255555,2,'ResearchStudy','lipusu-her2',1,1700000007000000,0,1);
INSERT INTO "resource" VALUES(2199023255556,2,'Patient','made-102',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255557,2,'ResearchSubject','made-103',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255558,2,'Condition','made-104',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255559,2,'Condition','made-105',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255560,2,'Observation','made-106',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255561,2,'Observation','made-107',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255562,2,'Procedure','made-108',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255563,2,'Medication','made-109',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255564,2,'MedicationStatement','made-110',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255565,2,'Medication','made-111',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255566,2,'MedicationStatement','made-112',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255567,2,'Medication','made-113',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255568,2,'MedicationStatement','made-114',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255569,2,'Medication','made-115',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255570,2,'MedicationStatement','made-116',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255571,2,'Medication','made-117',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255572,2,'MedicationAdministration','made-118',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255573,2,'MedicationAdministration','made-119',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255574,2,'MedicationAdministration','made-120',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255575,2,'MedicationAdministration','made-121',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255576,2,'MedicationAdministration','made-122',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255577,2,'MedicationAdministration','made-123',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255578,2,'Observation','made-124',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255579,2,'Observation','made-125',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255580,2,'AdverseEvent','made-126',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255581,2,'AdverseEvent','made-127',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255582,2,'AdverseEvent','made-128',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255583,2,'AdverseEvent','made-129',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255584,2,'AdverseEvent','made-130',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255585,2,'Encounter','made-131',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255586,2,'Encounter','made-132',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255587,2,'Encounter','made-133',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255588,2,'Encounter','made-134',1,1700000077000000,0,2);
INSERT INTO "resource" VALUES(2199023255589,2,'Encounter','made-135',1,1700000077000000,0,2);
CREATE TABLE setting (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "setting" VALUES('rules','7ce4f01df1c24abcc8b9b3ac9b7b99f234fbdd94ff0aff67e21c83ea757184da');
INSERT INTO "setting" VALUES('mapped','["adverse_event","condition","encounter","episode_of_care","medication","medication_administration","medication_request","medication_statement","observation","patient","procedure","research_subject"]');
INSERT INTO "setting" VALUES('secret of cursors','d6AYqlPF64ZvNq6aFnDvSVVyYv6oY6IhQ-QQFa4AwSI=');
INSERT INTO "setting" VALUES('content of site 1','{"hash":"f4d536e3c3c718a5f95ecff2efebea8dfaa77cbcac931672bef579825a55ef97","owned":["ResearchStudy/faslodex","ResearchStudy/halaven","ResearchStudy/lipusu-her2"]}');
INSERT INTO "setting" VALUES('content of site 2','{"hash":"f4d536e3c3c718a5f95ecff2efebea8dfaa77cbcac931672bef579825a55ef97","owned":["ResearchStudy/faslodex","ResearchStudy/halaven","ResearchStudy/lipusu-her2"]}');
CREATE TABLE site (
	site INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	updated BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	submission BIGINT NOT NULL, 
	PRIMARY KEY (site), 
	UNIQUE (name)
);
INSERT INTO "site" VALUES(1,'default',1700000147000000,1099511627893,13);
INSERT INTO "site" VALUES(2,'elsewhere',1700000077000000,2199023255589,2);
CREATE TABLE submission (
	site SMALLINT NOT NULL, 
	hash TEXT NOT NULL, 
	submission BIGINT NOT NULL, 
	received BIGINT NOT NULL, 
	created TEXT NOT NULL, 
	PRIMARY KEY (site, hash)
)
 WITHOUT ROWID

;
INSERT INTO "submission" VALUES(1,'01d3b2b8c88694e6cd9f19db7d01740dbc9fd3c6d5b835e2e61261c94d79f2a3',4,1700000035000000,'["ResearchSubject/made-34","Condition/made-35","Condition/made-36","Observation/made-37","Observation/made-38","Procedure/made-39","Medication/made-40","MedicationStatement/made-41","Medication/made-42","MedicationStatement/made-43","Medication/made-44","MedicationStatement/made-45","Medication/made-46","MedicationStatement/made-47","Medication/made-48","MedicationAdministration/made-49","MedicationAdministration/made-50","MedicationAdministration/made-51","MedicationAdministration/made-52","MedicationAdministration/made-53","MedicationAdministration/made-54","Observation/made-55","Observation/made-56","AdverseEvent/made-57","AdverseEvent/made-58","AdverseEvent/made-59","AdverseEvent/made-60","AdverseEvent/made-61","Encounter/made-62","Encounter/made-63","Encounter/made-64","Encounter/made-65","Encounter/made-66"]');
INSERT INTO "submission" VALUES(1,'6f2d0639904f16084bd9fec0e87041e8910b05c719040b7fb2c00c7aece4386c',7,1700000098000000,'["Patient/made-137"]');
INSERT INTO "submission" VALUES(1,'772b78e97b2171cd14de4ebe5574d5c128b4503a7af7ee7a0526bc585010f15d',3,1700000021000000,'["ResearchSubject/made-1","Condition/made-2","Condition/made-3","Observation/made-4","Observation/made-5","Procedure/made-6","MedicationStatement/made-7","MedicationStatement/made-8","MedicationStatement/made-9","MedicationAdministration/made-10","MedicationAdministration/made-11","MedicationAdministration/made-12","MedicationAdministration/made-13","MedicationAdministration/made-14","MedicationAdministration/made-15","MedicationAdministration/made-16","MedicationAdministration/made-17","MedicationAdministration/made-18","MedicationAdministration/made-19","MedicationAdministration/made-20","MedicationAdministration/made-21","Observation/made-22","Observation/made-23","Observation/made-24","Observation/made-25","Encounter/made-26","Encounter/made-27","Encounter/made-28","Encounter/made-29","Encounter/made-30","Encounter/made-31","Encounter/made-32"]');
INSERT INTO "submission" VALUES(1,'81d11a613268587eaac0d299103af6ae0126e6e482017f69032adcdde2b4b97d',5,1700000049000000,'["Condition/made-68","Condition/made-69","Observation/made-70","Observation/made-71","Procedure/made-72","MedicationStatement/made-73","MedicationStatement/made-74","MedicationStatement/made-75","MedicationStatement/made-76","MedicationAdministration/made-77","MedicationAdministration/made-78","MedicationAdministration/made-79","MedicationAdministration/made-80","MedicationAdministration/made-81","MedicationAdministration/made-82","MedicationAdministration/made-83","MedicationAdministration/made-84","MedicationAdministration/made-85","MedicationAdministration/made-86","MedicationAdministration/made-87","MedicationAdministration/made-88","Observation/made-89","Observation/made-90","Observation/made-91","Observation/made-92","Observation/made-93","Encounter/made-94","Encounter/made-95","Encounter/made-96","Encounter/made-97","Encounter/made-98","Encounter/made-99","Encounter/made-100","Encounter/made-101"]');
INSERT INTO "submission" VALUES(2,'01d3b2b8c88694e6cd9f19db7d01740dbc9fd3c6d5b835e2e61261c94d79f2a3',2,1700000077000000,'["ResearchSubject/made-103","Condition/made-104","Condition/made-105","Observation/made-106","Observation/made-107","Procedure/made-108","Medication/made-109","MedicationStatement/made-110","Medication/made-111","MedicationStatement/made-112","Medication/made-113","MedicationStatement/made-114","Medication/made-115","MedicationStatement/made-116","Medication/made-117","MedicationAdministration/made-118","MedicationAdministration/made-119","MedicationAdministration/made-120","MedicationAdministration/made-121","MedicationAdministration/made-122","MedicationAdministration/made-123","Observation/made-124","Observation/made-125","AdverseEvent/made-126","AdverseEvent/made-127","AdverseEvent/made-128","AdverseEvent/made-129","AdverseEvent/made-130","Encounter/made-131","Encounter/made-132","Encounter/made-133","Encounter/made-134","Encounter/made-135"]');
CREATE TABLE version (
	site SMALLINT NOT NULL, 
	rid BIGINT NOT NULL, 
	type TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	updated BIGINT NOT NULL, 
	method TEXT NOT NULL, 
	submission BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (rid, version)
);
INSERT INTO "version" VALUES(1,1099511627777,'ResearchStudy',1,1700000000000000,'PUT',1,'{"resourceType":"ResearchStudy","id":"faslodex","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:20.000Z"},"identifier":[{"type":{"text":"ClinicalTrials.gov identifier"},"system":"https://clinicaltrials.gov","value":"NCT00735215"}],"title":"Fulvestrant in postmenopausal women with advanced breast cancer: a prospective registry in Belgium","status":"active","category":[{"text":"Observational study"}],"focus":[{"text":"Fulvestrant"}],"condition":[{"coding":[{"system":"http://snomed.info/sct","code":"254837009","display":"Malignant neoplasm of breast"}],"text":"Hormone receptor positive, locally advanced or metastatic breast cancer"}],"description":"Patients with locally advanced or metastatic breast cancer who are treated with fulvestrant (Faslodex) in daily practice: therapies before fulvestrant, injections between visit 1 and visit 2, and reasons to stop.","period":{"start":"2008-10"}}');
INSERT INTO "version" VALUES(1,1099511627778,'ResearchStudy',1,1700000000000000,'PUT',1,'{"resourceType":"ResearchStudy","id":"halaven","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:20.000Z"},"title":"Eribulin in locally advanced or metastatic breast cancer: an observational registry in Asia","status":"active","category":[{"text":"Observational study"}],"focus":[{"text":"Eribulin"}],"condition":[{"coding":[{"system":"http://snomed.info/sct","code":"254837009","display":"Malignant neoplasm of breast"}],"text":"Locally advanced or metastatic breast cancer"}],"description":"Patients with locally advanced or metastatic breast cancer who are treated with eribulin (Halaven) in daily practice; tumour response over 24 months."}');
INSERT INTO "version" VALUES(1,1099511627779,'ResearchStudy',1,1700000000000000,'PUT',1,'{"resourceType":"ResearchStudy","id":"lipusu-her2","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:20.000Z"},"identifier":[{"type":{"text":"ClinicalTrials.gov identifier"},"system":"https://clinicaltrials.gov","value":"NCT06481553"}],"title":"Paclitaxel liposome with anti-HER2 antibodies as first-line therapy of HER2-positive advanced breast cancer in China","status":"active","category":[{"text":"Observational study"}],"focus":[{"text":"Paclitaxel liposome"},{"text":"Anti-HER2 monoclonal antibody"}],"condition":[{"coding":[{"system":"http://snomed.info/sct","code":"254837009","display":"Malignant neoplasm of breast"}],"text":"HER2-positive metastatic breast cancer"}],"description":"Patients with HER2-positive metastatic breast cancer whose first line of therapy combines paclitaxel liposome (Lipusu) with an anti-HER2 monoclonal antibody: overall survival, progression and treatment failure over five years.","period":{"start":"2023-02","end":"2024-07"}}');
INSERT INTO "version" VALUES(2,2199023255553,'ResearchStudy',1,1700000007000000,'PUT',1,'{"resourceType":"ResearchStudy","id":"faslodex","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:27.000Z"},"identifier":[{"type":{"text":"ClinicalTrials.gov identifier"},"system":"https://clinicaltrials.gov","value":"NCT00735215"}],"title":"Fulvestrant in postmenopausal women with advanced breast cancer: a prospective registry in Belgium","status":"active","category":[{"text":"Observational study"}],"focus":[{"text":"Fulvestrant"}],"condition":[{"coding":[{"system":"http://snomed.info/sct","code":"254837009","display":"Malignant neoplasm of breast"}],"text":"Hormone receptor positive, locally advanced or metastatic breast cancer"}],"description":"Patients with locally advanced or metastatic breast cancer who are treated with fulvestrant (Faslodex) in daily practice: therapies before fulvestrant, injections between visit 1 and visit 2, and reasons to stop.","period":{"start":"2008-10"}}');
INSERT INTO "version" VALUES(2,2199023255554,'ResearchStudy',1,1700000007000000,'PUT',1,'{"resourceType":"ResearchStudy","id":"halaven","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:27.000Z"},"title":"Eribulin in locally advanced or metastatic breast cancer: an observational registry in Asia","status":"active","category":[{"text":"Observational study"}],"focus":[{"text":"Eribulin"}],"condition":[{"coding":[{"system":"http://snomed.info/sct","code":"254837009","display":"Malignant neoplasm of breast"}],"text":"Locally advanced or metastatic breast cancer"}],"description":"Patients with locally advanced or metastatic breast cancer who are treated with eribulin (Halaven) in daily practice; tumour response over 24 months."}');
INSERT INTO "version" VALUES(2,2199023255555,'ResearchStudy',1,1700000007000000,'PUT',1,'{"resourceType":"ResearchStudy","id":"lipusu-her2","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:27.000Z"},"identifier":[{"type":{"text":"ClinicalTrials.gov identifier"},"system":"https://clinicaltrials.gov","value":"NCT06481553"}],"title":"Paclitaxel liposome with anti-HER2 antibodies as first-line therapy of HER2-positive advanced breast cancer in China","status":"active","category":[{"text":"Observational study"}],"focus":[{"text":"Paclitaxel liposome"},{"text":"Anti-HER2 monoclonal antibody"}],"condition":[{"coding":[{"system":"http://snomed.info/sct","code":"254837009","display":"Malignant neoplasm of breast"}],"text":"HER2-positive metastatic breast cancer"}],"description":"Patients with HER2-positive metastatic breast cancer whose first line of therapy combines paclitaxel liposome (Lipusu) with an anti-HER2 monoclonal antibody: overall survival, progression and treatment failure over five years.","period":{"start":"2023-02","end":"2024-07"}}');
INSERT INTO "version" VALUES(1,1099511627780,'Organization',1,1700000014000000,'PUT',2,'{"resourceType":"Organization","id":"hal-seoul","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:34.000Z"},"identifier":[{"system":"https://registry.example/sites","value":"hal-seoul"}],"active":true,"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov","display":"Healthcare Provider"}]}],"name":"Example Hospital of Seoul","address":[{"city":"Seoul","country":"KR"}]}');
INSERT INTO "version" VALUES(1,1099511627781,'Practitioner',1,1700000014000000,'PUT',2,'{"resourceType":"Practitioner","id":"hal-seoul-oncologist","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:34.000Z"},"identifier":[{"system":"https://hal-seoul.example/staff","value":"ONC-1"}],"active":true,"name":[{"family":"Sampledoctor","given":["Seoul"],"prefix":["Dr."]}]}');
INSERT INTO "version" VALUES(1,1099511627782,'Organization',1,1700000014000000,'PUT',2,'{"resourceType":"Organization","id":"hal-tokyo","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:34.000Z"},"identifier":[{"system":"https://registry.example/sites","value":"hal-tokyo"}],"active":true,"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov","display":"Healthcare Provider"}]}],"name":"Example Hospital of Tokyo","address":[{"city":"Tokyo","country":"JP"}]}');
INSERT INTO "version" VALUES(1,1099511627783,'Practitioner',1,1700000014000000,'PUT',2,'{"resourceType":"Practitioner","id":"hal-tokyo-oncologist","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:34.000Z"},"identifier":[{"system":"https://hal-tokyo.example/staff","value":"ONC-1"}],"active":true,"name":[{"family":"Sampledoctor","given":["Tokyo"],"prefix":["Dr."]}]}');
INSERT INTO "version" VALUES(1,1099511627784,'Organization',1,1700000014000000,'PUT',2,'{"resourceType":"Organization","id":"hal-bangkok","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:34.000Z"},"identifier":[{"system":"https://registry.example/sites","value":"hal-bangkok"}],"active":true,"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov","display":"Healthcare Provider"}]}],"name":"Example Hospital of Bangkok","address":[{"city":"Bangkok","country":"TH"}]}');
INSERT INTO "version" VALUES(1,1099511627785,'Practitioner',1,1700000014000000,'PUT',2,'{"resourceType":"Practitioner","id":"hal-bangkok-oncologist","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:34.000Z"},"identifier":[{"system":"https://hal-bangkok.example/staff","value":"ONC-1"}],"active":true,"name":[{"family":"Sampledoctor","given":["Bangkok"],"prefix":["Dr."]}]}');
INSERT INTO "version" VALUES(1,1099511627786,'Organization',1,1700000014000000,'PUT',2,'{"resourceType":"Organization","id":"hal-manila","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:34.000Z"},"identifier":[{"system":"https://registry.example/sites","value":"hal-manila"}],"active":true,"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov","display":"Healthcare Provider"}]}],"name":"Example Hospital of Manila","address":[{"city":"Manila","country":"PH"}]}');
INSERT INTO "version" VALUES(1,1099511627787,'Practitioner',1,1700000014000000,'PUT',2,'{"resourceType":"Practitioner","id":"hal-manila-oncologist","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:34.000Z"},"identifier":[{"system":"https://hal-manila.example/staff","value":"ONC-1"}],"active":true,"name":[{"family":"Sampledoctor","given":["Manila"],"prefix":["Dr."]}]}');
INSERT INTO "version" VALUES(1,1099511627788,'Patient',1,1700000021000000,'POST',3,'{"resourceType":"Patient","id":"made-0","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/patients","value":"HALAVEN-0001"}],"active":true,"name":[{"family":"Example-0001","given":["Beryl"]}],"gender":"female","birthDate":"1967-08","address":[{"city":"Tokyo","country":"JP"}],"generalPractitioner":[{"reference":"Practitioner/hal-tokyo-oncologist"}],"managingOrganization":{"reference":"Organization/hal-tokyo"}}');
INSERT INTO "version" VALUES(1,1099511627789,'ResearchSubject',1,1700000021000000,'POST',3,'{"resourceType":"ResearchSubject","id":"made-1","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/enrolments","value":"0001-001"}],"status":"off-study","period":{"start":"2017-02-15"},"study":{"reference":"ResearchStudy/halaven"},"individual":{"reference":"Patient/made-0"}}');
INSERT INTO "version" VALUES(1,1099511627790,'Condition',1,1700000021000000,'POST',3,'{"resourceType":"Condition","id":"made-2","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/conditions","value":"0001-002"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active","display":"Active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed","display":"Confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C50.9","display":"Malignant neoplasm of breast, unspecified"}]},"subject":{"reference":"Patient/made-0"},"onsetDateTime":"2012-10"}');
INSERT INTO "version" VALUES(1,1099511627791,'Condition',1,1700000021000000,'POST',3,'{"resourceType":"Condition","id":"made-3","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/conditions","value":"0001-003"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active","display":"Active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed","display":"Confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C79.5","display":"Secondary malignant neoplasm of bone"}]},"subject":{"reference":"Patient/made-0"},"onsetDateTime":"2016-03-29T10:25:00+09:00","recordedDate":"2016-03-29"}');
INSERT INTO "version" VALUES(1,1099511627792,'Observation',1,1700000021000000,'POST',3,'{"resourceType":"Observation","id":"made-4","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/observations","value":"0001-004"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"48676-1","display":"HER2 [Interpretation] in Tissue"}]},"subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2012-10-23T00:18:00+09:00","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA6577-6","display":"Negative"}]}}');
INSERT INTO "version" VALUES(1,1099511627793,'Observation',1,1700000021000000,'POST',3,'{"resourceType":"Observation","id":"made-5","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/observations","value":"0001-005"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"survey","display":"Survey"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"89247-1","display":"ECOG performance status score"}]},"subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2016-03-29","valueInteger":2}');
INSERT INTO "version" VALUES(1,1099511627794,'Procedure',1,1700000021000000,'POST',3,'{"resourceType":"Procedure","id":"made-6","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/procedures","value":"0001-006"}],"status":"completed","code":{"coding":[{"system":"http://snomed.info/sct","code":"64368001","display":"Excision of part of breast"}]},"subject":{"reference":"Patient/made-0"},"performedDateTime":"2012-11-07"}');
INSERT INTO "version" VALUES(1,1099511627795,'MedicationStatement',1,1700000021000000,'POST',3,'{"resourceType":"MedicationStatement","id":"made-7","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"372817009","display":"Doxorubicin"}],"text":"Doxorubicin"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/statements","value":"0001-007"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectivePeriod":{"start":"2012-12-07","end":"2013-03-01"}}');
INSERT INTO "version" VALUES(1,1099511627796,'MedicationStatement',1,1700000021000000,'POST',3,'{"resourceType":"MedicationStatement","id":"made-8","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"387420009","display":"Cyclophosphamide"}],"text":"Cyclophosphamide"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/statements","value":"0001-008"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectivePeriod":{"start":"2012-12-07","end":"2013-03-01"}}');
INSERT INTO "version" VALUES(1,1099511627797,'MedicationStatement',1,1700000021000000,'POST',3,'{"resourceType":"MedicationStatement","id":"made-9","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"386918005","display":"Docetaxel"}],"text":"Docetaxel"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/statements","value":"0001-009"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectivePeriod":{"start":"2016-04-08","end":"2016-07-07"}}');
INSERT INTO "version" VALUES(1,1099511627798,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-10","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-010"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-02-16T11:57:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627799,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-11","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-011"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-02-23T10:02:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627800,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-12","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-012"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-03-09T15:54:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627801,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-13","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-013"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-03-16T10:59:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627802,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-14","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-014"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-03-30T12:24:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627803,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-15","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-015"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-04-06T00:10:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627804,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-16","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-016"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-04-20T00:13:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627805,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-17","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-017"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-04-27T08:07:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627806,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-18","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-018"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-05-11T08:17:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627807,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-19","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-019"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-05-18T14:27:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627808,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-20","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-020"}],"status":"completed","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-06-01T00:52:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627809,'MedicationAdministration',1,1700000021000000,'POST',3,'{"resourceType":"MedicationAdministration","id":"made-21","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"contained":[{"resourceType":"Medication","code":{"coding":[{"system":"http://snomed.info/sct","code":"448800004","display":"Eribulin mesylate"}],"text":"Eribulin mesylate"},"id":"drug"}],"medicationReference":{"reference":"#drug"},"identifier":[{"system":"https://hal-tokyo.example/administrations","value":"0001-021"}],"status":"not-done","subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-06-08T15:24:00+09:00","dosage":{"dose":{"value":2.3,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627810,'Observation',1,1700000021000000,'POST',3,'{"resourceType":"Observation","id":"made-22","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/observations","value":"0001-022"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"88040-1","display":"Response to cancer treatment"}]},"subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-02-15T09:48:00+09:00","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28371-5","display":"Stable disease"}],"text":"Stable disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627811,'Observation',1,1700000021000000,'POST',3,'{"resourceType":"Observation","id":"made-23","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/observations","value":"0001-023"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"88040-1","display":"Response to cancer treatment"}]},"subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-04-10","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28371-5","display":"Stable disease"}],"text":"Stable disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627812,'Observation',1,1700000021000000,'POST',3,'{"resourceType":"Observation","id":"made-24","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/observations","value":"0001-024"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"88040-1","display":"Response to cancer treatment"}]},"subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-06-05","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28370-7","display":"Progressive disease"}],"text":"Progressive disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627813,'Observation',1,1700000021000000,'POST',3,'{"resourceType":"Observation","id":"made-25","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/observations","value":"0001-025"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"88040-1","display":"Response to cancer treatment"}]},"subject":{"reference":"Patient/made-0"},"effectiveDateTime":"2017-08-04","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28369-9","display":"Partial response"}],"text":"Partial response"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627814,'Encounter',1,1700000021000000,'POST',3,'{"resourceType":"Encounter","id":"made-26","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/encounters","value":"0001-026"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-0"},"period":{"start":"2017-02-23","end":"2017-02-23"},"serviceProvider":{"reference":"Organization/hal-tokyo"}}');
INSERT INTO "version" VALUES(1,1099511627815,'Encounter',1,1700000021000000,'POST',3,'{"resourceType":"Encounter","id":"made-27","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/encounters","value":"0001-027"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-0"},"period":{"start":"2017-03-09","end":"2017-03-09"},"serviceProvider":{"reference":"Organization/hal-tokyo"}}');
INSERT INTO "version" VALUES(1,1099511627816,'Encounter',1,1700000021000000,'POST',3,'{"resourceType":"Encounter","id":"made-28","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/encounters","value":"0001-028"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-0"},"period":{"start":"2017-03-16","end":"2017-03-16"},"serviceProvider":{"reference":"Organization/hal-tokyo"}}');
INSERT INTO "version" VALUES(1,1099511627817,'Encounter',1,1700000021000000,'POST',3,'{"resourceType":"Encounter","id":"made-29","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/encounters","value":"0001-029"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-0"},"period":{"start":"2017-04-06","end":"2017-04-06"},"serviceProvider":{"reference":"Organization/hal-tokyo"}}');
INSERT INTO "version" VALUES(1,1099511627818,'Encounter',1,1700000021000000,'POST',3,'{"resourceType":"Encounter","id":"made-30","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/encounters","value":"0001-030"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-0"},"period":{"start":"2017-06-01","end":"2017-06-01"},"serviceProvider":{"reference":"Organization/hal-tokyo"}}');
INSERT INTO "version" VALUES(1,1099511627819,'Encounter',1,1700000021000000,'POST',3,'{"resourceType":"Encounter","id":"made-31","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/encounters","value":"0001-031"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-0"},"period":{"start":"2017-08-13","end":"2017-08-13"},"serviceProvider":{"reference":"Organization/hal-tokyo"}}');
INSERT INTO "version" VALUES(1,1099511627820,'Encounter',1,1700000021000000,'POST',3,'{"resourceType":"Encounter","id":"made-32","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:41.000Z"},"identifier":[{"system":"https://hal-tokyo.example/encounters","value":"0001-032"}],"status":"cancelled","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-0"},"period":{"start":"2018-09-17","end":"2018-09-17"},"serviceProvider":{"reference":"Organization/hal-tokyo"}}');
INSERT INTO "version" VALUES(1,1099511627821,'Patient',1,1700000035000000,'POST',4,'{"resourceType":"Patient","id":"made-33","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Made-up patient HALAVEN-0002</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/patients","value":"HALAVEN-0002"}],"active":true,"name":[{"family":"Example-0002","given":["Coral"]}],"gender":"female","birthDate":"1976","deceasedDateTime":"2014-05-10T15:23:00+07:00","address":[{"city":"Bangkok","country":"TH"}],"generalPractitioner":[{"reference":"Practitioner/hal-bangkok-oncologist"}],"managingOrganization":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(1,1099511627822,'ResearchSubject',1,1700000035000000,'POST',4,'{"resourceType":"ResearchSubject","id":"made-34","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"identifier":[{"system":"https://hal-bangkok.example/enrolments","value":"0002-001"}],"status":"off-study","period":{"start":"2013-08-30"},"study":{"reference":"ResearchStudy/halaven"},"individual":{"reference":"Patient/made-33"}}');
INSERT INTO "version" VALUES(1,1099511627823,'Condition',1,1700000035000000,'POST',4,'{"resourceType":"Condition","id":"made-35","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Malignant neoplasm of breast, unspecified</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/conditions","value":"0002-002"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active","display":"Active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed","display":"Confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C50.9","display":"Malignant neoplasm of breast, unspecified"}]},"subject":{"reference":"Patient/made-33"},"onsetDateTime":"2008-07"}');
INSERT INTO "version" VALUES(1,1099511627824,'Condition',1,1700000035000000,'POST',4,'{"resourceType":"Condition","id":"made-36","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Secondary malignant neoplasm of bone</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/conditions","value":"0002-003"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active","display":"Active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed","display":"Confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C79.5","display":"Secondary malignant neoplasm of bone"}]},"subject":{"reference":"Patient/made-33"},"onsetDateTime":"2013-01-14T00:49:00+07:00","recordedDate":"2013-01-14"}');
INSERT INTO "version" VALUES(1,1099511627825,'Observation',1,1700000035000000,'POST',4,'{"resourceType":"Observation","id":"made-37","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>HER2 [Interpretation] in Tissue</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/observations","value":"0002-004"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"48676-1","display":"HER2 [Interpretation] in Tissue"}]},"subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2008-08-01T16:59:00+07:00","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA6577-6","display":"Negative"}]}}');
INSERT INTO "version" VALUES(1,1099511627826,'Observation',1,1700000035000000,'POST',4,'{"resourceType":"Observation","id":"made-38","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>ECOG performance status score</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/observations","value":"0002-005"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"survey","display":"Survey"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"89247-1","display":"ECOG performance status score"}]},"subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2013-01-14T00:36:00+07:00","valueInteger":0}');
INSERT INTO "version" VALUES(1,1099511627827,'Procedure',1,1700000035000000,'POST',4,'{"resourceType":"Procedure","id":"made-39","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Breast surgery</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/procedures","value":"0002-006"}],"status":"completed","code":{"coding":[{"system":"http://snomed.info/sct","code":"64368001","display":"Excision of part of breast"}]},"subject":{"reference":"Patient/made-33"},"performedDateTime":"2008-08-16"}');
INSERT INTO "version" VALUES(1,1099511627828,'Medication',1,1700000035000000,'POST',4,'{"resourceType":"Medication","id":"made-40","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"L01DB01","display":"doxorubicin"}],"text":"Doxorubicin"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-007"}]}');
INSERT INTO "version" VALUES(1,1099511627829,'MedicationStatement',1,1700000035000000,'POST',4,'{"resourceType":"MedicationStatement","id":"made-41","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"medicationReference":{"reference":"Medication/made-40"},"identifier":[{"system":"https://hal-bangkok.example/statements","value":"0002-008"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectivePeriod":{"start":"2008-09-15","end":"2008-12-08"}}');
INSERT INTO "version" VALUES(1,1099511627830,'Medication',1,1700000035000000,'POST',4,'{"resourceType":"Medication","id":"made-42","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"L01AA01","display":"cyclophosphamide"}],"text":"Cyclophosphamide"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-009"}]}');
INSERT INTO "version" VALUES(1,1099511627831,'MedicationStatement',1,1700000035000000,'POST',4,'{"resourceType":"MedicationStatement","id":"made-43","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"medicationReference":{"reference":"Medication/made-42"},"identifier":[{"system":"https://hal-bangkok.example/statements","value":"0002-010"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectivePeriod":{"start":"2008-09-15","end":"2008-12-08"}}');
INSERT INTO "version" VALUES(1,1099511627832,'Medication',1,1700000035000000,'POST',4,'{"resourceType":"Medication","id":"made-44","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"L01CD01","display":"paclitaxel"}],"text":"Paclitaxel"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-011"}]}');
INSERT INTO "version" VALUES(1,1099511627833,'MedicationStatement',1,1700000035000000,'POST',4,'{"resourceType":"MedicationStatement","id":"made-45","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"medicationReference":{"reference":"Medication/made-44"},"identifier":[{"system":"https://hal-bangkok.example/statements","value":"0002-012"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectivePeriod":{"start":"2013-01-24","end":"2013-04-24"}}');
INSERT INTO "version" VALUES(1,1099511627834,'Medication',1,1700000035000000,'POST',4,'{"resourceType":"Medication","id":"made-46","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"M05BA08","display":"zoledronic acid"}],"text":"Zoledronic acid"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-013"}]}');
INSERT INTO "version" VALUES(1,1099511627835,'MedicationStatement',1,1700000035000000,'POST',4,'{"resourceType":"MedicationStatement","id":"made-47","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"medicationReference":{"reference":"Medication/made-46"},"identifier":[{"system":"https://hal-bangkok.example/statements","value":"0002-014"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectivePeriod":{"start":"2013-09-30","end":"2014-03-19"}}');
INSERT INTO "version" VALUES(1,1099511627836,'Medication',1,1700000035000000,'POST',4,'{"resourceType":"Medication","id":"made-48","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"L01XX41","display":"eribulin mesylate"}],"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-016"}]}');
INSERT INTO "version" VALUES(1,1099511627837,'MedicationAdministration',1,1700000035000000,'POST',4,'{"resourceType":"MedicationAdministration","id":"made-49","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-48"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-015"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2013-08-31T08:24:00+07:00","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627838,'MedicationAdministration',1,1700000035000000,'POST',4,'{"resourceType":"MedicationAdministration","id":"made-50","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-48"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-017"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2013-09-07T17:50:00+07:00","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627839,'MedicationAdministration',1,1700000035000000,'POST',4,'{"resourceType":"MedicationAdministration","id":"made-51","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-48"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-018"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2013-09-21","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627840,'MedicationAdministration',1,1700000035000000,'POST',4,'{"resourceType":"MedicationAdministration","id":"made-52","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-48"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-019"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2013-09-28T00:23:00+07:00","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627841,'MedicationAdministration',1,1700000035000000,'POST',4,'{"resourceType":"MedicationAdministration","id":"made-53","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-48"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-020"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2013-10-12T11:56:00+07:00","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627842,'MedicationAdministration',1,1700000035000000,'POST',4,'{"resourceType":"MedicationAdministration","id":"made-54","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-48"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-021"}],"status":"completed","subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2013-10-19","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627843,'Observation',1,1700000035000000,'POST',4,'{"resourceType":"Observation","id":"made-55","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Cancer outcome status</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/observations","value":"0002-022"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"21976-6","display":"Cancer outcome status"}]},"subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2013-08-22","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28371-5","display":"Stable disease"}],"text":"Stable disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627844,'Observation',1,1700000035000000,'POST',4,'{"resourceType":"Observation","id":"made-56","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Cancer outcome status</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/observations","value":"0002-023"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"21976-6","display":"Cancer outcome status"}]},"subject":{"reference":"Patient/made-33"},"effectiveDateTime":"2013-10-20","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28370-7","display":"Progressive disease"}],"text":"Progressive disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627845,'AdverseEvent',1,1700000035000000,'POST',4,'{"resourceType":"AdverseEvent","id":"made-57","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"2","display":"Grade 2"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-09-21"}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-024"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10002272","display":"Anemia"}]},"subject":{"reference":"Patient/made-33"},"date":"2013-09-18","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Non-serious","display":"Non-serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"moderate","display":"Moderate"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-49"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Unlikely","display":"Unlikely"}]}}]}]}');
INSERT INTO "version" VALUES(1,1099511627846,'AdverseEvent',1,1700000035000000,'POST',4,'{"resourceType":"AdverseEvent","id":"made-58","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"4","display":"Grade 4"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-10-09"},{"url":"http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/caused-subject-to-discontinue-study","valueBoolean":true}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-025"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10001760","display":"Alopecia"}]},"subject":{"reference":"Patient/made-33"},"date":"2013-10-02T00:50:00+07:00","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Non-serious","display":"Non-serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"severe","display":"Severe"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-49"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Probably-Likely","display":"Probably/Likely"}]}}]}]}');
INSERT INTO "version" VALUES(1,1099511627847,'AdverseEvent',1,1700000035000000,'POST',4,'{"resourceType":"AdverseEvent","id":"made-59","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"3","display":"Grade 3"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-10-20"}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-026"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10034620","display":"Peripheral sensory neuropathy"}]},"subject":{"reference":"Patient/made-33"},"date":"2013-10-08T00:23:00+07:00","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Serious","display":"Serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"severe","display":"Severe"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-49"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Unlikely","display":"Unlikely"}]}}]}]}');
INSERT INTO "version" VALUES(1,1099511627848,'AdverseEvent',1,1700000035000000,'POST',4,'{"resourceType":"AdverseEvent","id":"made-60","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"2","display":"Grade 2"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-07-27"}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-027"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10029366","display":"Neutrophil count decreased"}]},"subject":{"reference":"Patient/made-33"},"date":"2013-07-17T00:44:00+07:00","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Non-serious","display":"Non-serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"moderate","display":"Moderate"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-49"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Probably-Likely","display":"Probably/Likely"}]}}]}]}');
INSERT INTO "version" VALUES(1,1099511627849,'AdverseEvent',1,1700000035000000,'POST',4,'{"resourceType":"AdverseEvent","id":"made-61","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"3","display":"Grade 3"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-09-30"}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-028"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10029366","display":"Neutrophil count decreased"}]},"subject":{"reference":"Patient/made-33"},"date":"2013-09-21T00:54:00+07:00","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Non-serious","display":"Non-serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"severe","display":"Severe"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-49"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Probably-Likely","display":"Probably/Likely"}]}}]}]}');
INSERT INTO "version" VALUES(1,1099511627850,'Encounter',1,1700000035000000,'POST',4,'{"resourceType":"Encounter","id":"made-62","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-029"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-33"},"period":{"start":"2013-08-31","end":"2013-08-31"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(1,1099511627851,'Encounter',1,1700000035000000,'POST',4,'{"resourceType":"Encounter","id":"made-63","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-030"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-33"},"period":{"start":"2013-10-12","end":"2013-10-12"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(1,1099511627852,'Encounter',1,1700000035000000,'POST',4,'{"resourceType":"Encounter","id":"made-64","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-031"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-33"},"period":{"start":"2013-10-19","end":"2013-10-19"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(1,1099511627853,'Encounter',1,1700000035000000,'POST',4,'{"resourceType":"Encounter","id":"made-65","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-032"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-33"},"period":{"start":"2014-04-16","end":"2014-04-16"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(1,1099511627854,'Encounter',1,1700000035000000,'POST',4,'{"resourceType":"Encounter","id":"made-66","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:13:55.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-033"}],"status":"cancelled","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-33"},"period":{"start":"2015-05-21","end":"2015-05-21"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(1,1099511627855,'Patient',1,1700000049000000,'POST',5,'{"resourceType":"Patient","id":"made-67","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-patient"]},"identifier":[{"system":"https://hal-manila.example/patients","value":"HALAVEN-0003"}],"active":true,"name":[{"family":"Example-0003","given":["Dahlia"]}],"gender":"female","birthDate":"1956-04-19","deceasedDateTime":"2016-10-19T00:49:00+08:00","address":[{"city":"Manila","country":"PH"}],"generalPractitioner":[{"reference":"Practitioner/hal-manila-oncologist"}],"managingOrganization":{"reference":"Organization/hal-manila"}}');
INSERT INTO "version" VALUES(1,1099511627856,'Condition',1,1700000049000000,'POST',5,'{"resourceType":"Condition","id":"made-68","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-primary-cancer-condition"]},"identifier":[{"system":"https://hal-manila.example/conditions","value":"0003-001"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active","display":"Active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed","display":"Confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"254837009","display":"Malignant neoplasm of breast"}]},"subject":{"reference":"Patient/made-67"},"onsetDateTime":"2011-12"}');
INSERT INTO "version" VALUES(1,1099511627857,'Condition',1,1700000049000000,'POST',5,'{"resourceType":"Condition","id":"made-69","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-secondary-cancer-condition"]},"identifier":[{"system":"https://hal-manila.example/conditions","value":"0003-002"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active","display":"Active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed","display":"Confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"128462008","display":"Metastatic malignant neoplasm"}]},"subject":{"reference":"Patient/made-67"},"onsetDateTime":"2014-09-14T00:24:00+08:00","recordedDate":"2014-09-14"}');
INSERT INTO "version" VALUES(1,1099511627858,'Observation',1,1700000049000000,'POST',5,'{"resourceType":"Observation","id":"made-70","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-tumor-marker-test"]},"identifier":[{"system":"https://hal-manila.example/observations","value":"0003-003"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"48676-1","display":"HER2 [Interpretation] in Tissue"}]},"subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2012-01-03T16:48:00+08:00","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA6577-6","display":"Negative"}]}}');
INSERT INTO "version" VALUES(1,1099511627859,'Observation',1,1700000049000000,'POST',5,'{"resourceType":"Observation","id":"made-71","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-ecog-performance-status"]},"identifier":[{"system":"https://hal-manila.example/observations","value":"0003-004"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"survey","display":"Survey"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"89247-1","display":"ECOG performance status score"}]},"subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2014-09-14T15:04:00+08:00","valueInteger":1}');
INSERT INTO "version" VALUES(1,1099511627860,'Procedure',1,1700000049000000,'POST',5,'{"resourceType":"Procedure","id":"made-72","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-surgical-procedure"]},"identifier":[{"system":"https://hal-manila.example/procedures","value":"0003-005"}],"status":"completed","code":{"coding":[{"system":"http://snomed.info/sct","code":"64368001","display":"Excision of part of breast"}]},"subject":{"reference":"Patient/made-67"},"performedDateTime":"2012-01-18T00:32:00+08:00"}');
INSERT INTO "version" VALUES(1,1099511627861,'MedicationStatement',1,1700000049000000,'POST',5,'{"resourceType":"MedicationStatement","id":"made-73","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"medicationCodeableConcept":{"text":"Doxorubicin"},"identifier":[{"system":"https://hal-manila.example/statements","value":"0003-006"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectivePeriod":{"start":"2012-02-17","end":"2012-05-11"},"reasonCode":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C50.9","display":"Malignant neoplasm of breast, unspecified"}]}]}');
INSERT INTO "version" VALUES(1,1099511627862,'MedicationStatement',1,1700000049000000,'POST',5,'{"resourceType":"MedicationStatement","id":"made-74","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"medicationCodeableConcept":{"text":"Cyclophosphamide"},"identifier":[{"system":"https://hal-manila.example/statements","value":"0003-007"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectivePeriod":{"start":"2012-02-17","end":"2012-05-11"},"reasonCode":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C50.9","display":"Malignant neoplasm of breast, unspecified"}]}]}');
INSERT INTO "version" VALUES(1,1099511627863,'MedicationStatement',1,1700000049000000,'POST',5,'{"resourceType":"MedicationStatement","id":"made-75","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"medicationCodeableConcept":{"text":"Docetaxel"},"identifier":[{"system":"https://hal-manila.example/statements","value":"0003-008"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectivePeriod":{"start":"2014-09-24","end":"2014-12-23"},"reasonCode":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C50.9","display":"Malignant neoplasm of breast, unspecified"}]}]}');
INSERT INTO "version" VALUES(1,1099511627864,'MedicationStatement',1,1700000049000000,'POST',5,'{"resourceType":"MedicationStatement","id":"made-76","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"medicationCodeableConcept":{"text":"Gemcitabine"},"identifier":[{"system":"https://hal-manila.example/statements","value":"0003-009"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectivePeriod":{"start":"2016-04-18","end":"2016-07-07"},"reasonCode":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C50.9","display":"Malignant neoplasm of breast, unspecified"}]}]}');
INSERT INTO "version" VALUES(1,1099511627865,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-77","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-010"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-10-19T00:18:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627866,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-78","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-011"}],"status":"not-done","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-10-26T00:40:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627867,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-79","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-012"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-11-09","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627868,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-80","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-013"}],"status":"not-done","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-11-16T00:34:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627869,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-81","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-014"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-11-30","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627870,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-82","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-015"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-12-07T11:33:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627871,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-83","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-016"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-12-21T09:50:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627872,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-84","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-017"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-12-28T00:50:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627873,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-85","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-018"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2016-01-11T11:19:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627874,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-86","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-019"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2016-01-18T00:41:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627875,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-87","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-020"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2016-02-01T00:36:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627876,'MedicationAdministration',1,1700000049000000,'POST',5,'{"resourceType":"MedicationAdministration","id":"made-88","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration"]},"medicationCodeableConcept":{"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-manila.example/administrations","value":"0003-021"}],"status":"completed","subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2016-02-08T13:00:00+08:00","dosage":{"dose":{"value":2.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(1,1099511627877,'Observation',1,1700000049000000,'POST',5,'{"resourceType":"Observation","id":"made-89","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status"]},"identifier":[{"system":"https://hal-manila.example/observations","value":"0003-022"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"88040-1","display":"Response to cancer treatment"}]},"subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-10-07T17:22:00+08:00","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28371-5","display":"Stable disease"}],"text":"Stable disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627878,'Observation',1,1700000049000000,'POST',5,'{"resourceType":"Observation","id":"made-90","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status"]},"identifier":[{"system":"https://hal-manila.example/observations","value":"0003-023"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"88040-1","display":"Response to cancer treatment"}]},"subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2015-12-18T09:52:00+08:00","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28371-5","display":"Stable disease"}],"text":"Stable disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627879,'Observation',1,1700000049000000,'POST',5,'{"resourceType":"Observation","id":"made-91","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status"]},"identifier":[{"system":"https://hal-manila.example/observations","value":"0003-024"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"88040-1","display":"Response to cancer treatment"}]},"subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2016-02-12","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28371-5","display":"Stable disease"}],"text":"Stable disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627880,'Observation',1,1700000049000000,'POST',5,'{"resourceType":"Observation","id":"made-92","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status"]},"identifier":[{"system":"https://hal-manila.example/observations","value":"0003-025"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"88040-1","display":"Response to cancer treatment"}]},"subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2016-04-08T00:31:00+08:00","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28371-5","display":"Stable disease"}],"text":"Stable disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627881,'Observation',1,1700000049000000,'POST',5,'{"resourceType":"Observation","id":"made-93","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z","profile":["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status"]},"identifier":[{"system":"https://hal-manila.example/observations","value":"0003-026"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"88040-1","display":"Response to cancer treatment"}]},"subject":{"reference":"Patient/made-67"},"effectiveDateTime":"2016-06-13T00:15:00+08:00","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28369-9","display":"Partial response"}],"text":"Partial response"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(1,1099511627882,'Encounter',1,1700000049000000,'POST',5,'{"resourceType":"Encounter","id":"made-94","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"identifier":[{"system":"https://hal-manila.example/encounters","value":"0003-027"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-67"},"period":{"start":"2015-11-09","end":"2015-11-09"},"serviceProvider":{"reference":"Organization/hal-manila"}}');
INSERT INTO "version" VALUES(1,1099511627883,'Encounter',1,1700000049000000,'POST',5,'{"resourceType":"Encounter","id":"made-95","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"identifier":[{"system":"https://hal-manila.example/encounters","value":"0003-028"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-67"},"period":{"start":"2015-12-21","end":"2015-12-21"},"serviceProvider":{"reference":"Organization/hal-manila"}}');
INSERT INTO "version" VALUES(1,1099511627884,'Encounter',1,1700000049000000,'POST',5,'{"resourceType":"Encounter","id":"made-96","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"identifier":[{"system":"https://hal-manila.example/encounters","value":"0003-029"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-67"},"period":{"start":"2016-01-11","end":"2016-01-11"},"serviceProvider":{"reference":"Organization/hal-manila"}}');
INSERT INTO "version" VALUES(1,1099511627885,'Encounter',1,1700000049000000,'POST',5,'{"resourceType":"Encounter","id":"made-97","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"identifier":[{"system":"https://hal-manila.example/encounters","value":"0003-030"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-67"},"period":{"start":"2016-01-18","end":"2016-01-18"},"serviceProvider":{"reference":"Organization/hal-manila"}}');
INSERT INTO "version" VALUES(1,1099511627886,'Encounter',1,1700000049000000,'POST',5,'{"resourceType":"Encounter","id":"made-98","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"identifier":[{"system":"https://hal-manila.example/encounters","value":"0003-031"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-67"},"period":{"start":"2016-02-01","end":"2016-02-01"},"serviceProvider":{"reference":"Organization/hal-manila"}}');
INSERT INTO "version" VALUES(1,1099511627887,'Encounter',1,1700000049000000,'POST',5,'{"resourceType":"Encounter","id":"made-99","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"identifier":[{"system":"https://hal-manila.example/encounters","value":"0003-032"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-67"},"period":{"start":"2016-02-08","end":"2016-02-08"},"serviceProvider":{"reference":"Organization/hal-manila"}}');
INSERT INTO "version" VALUES(1,1099511627888,'Encounter',1,1700000049000000,'POST',5,'{"resourceType":"Encounter","id":"made-100","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"identifier":[{"system":"https://hal-manila.example/encounters","value":"0003-033"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-67"},"period":{"start":"2016-07-20","end":"2016-07-20"},"serviceProvider":{"reference":"Organization/hal-manila"}}');
INSERT INTO "version" VALUES(1,1099511627889,'Encounter',1,1700000049000000,'POST',5,'{"resourceType":"Encounter","id":"made-101","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:09.000Z"},"identifier":[{"system":"https://hal-manila.example/encounters","value":"0003-034"}],"status":"cancelled","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-67"},"period":{"start":"2017-08-24","end":"2017-08-24"},"serviceProvider":{"reference":"Organization/hal-manila"}}');
INSERT INTO "version" VALUES(2,2199023255556,'Patient',1,1700000077000000,'POST',2,'{"resourceType":"Patient","id":"made-102","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Made-up patient HALAVEN-0002</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/patients","value":"HALAVEN-0002"}],"active":true,"name":[{"family":"Example-0002","given":["Coral"]}],"gender":"female","birthDate":"1976","deceasedDateTime":"2014-05-10T15:23:00+07:00","address":[{"city":"Bangkok","country":"TH"}],"generalPractitioner":[{"reference":"Practitioner/hal-bangkok-oncologist"}],"managingOrganization":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(2,2199023255557,'ResearchSubject',1,1700000077000000,'POST',2,'{"resourceType":"ResearchSubject","id":"made-103","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"identifier":[{"system":"https://hal-bangkok.example/enrolments","value":"0002-001"}],"status":"off-study","period":{"start":"2013-08-30"},"study":{"reference":"ResearchStudy/halaven"},"individual":{"reference":"Patient/made-102"}}');
INSERT INTO "version" VALUES(2,2199023255558,'Condition',1,1700000077000000,'POST',2,'{"resourceType":"Condition","id":"made-104","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Malignant neoplasm of breast, unspecified</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/conditions","value":"0002-002"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active","display":"Active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed","display":"Confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C50.9","display":"Malignant neoplasm of breast, unspecified"}]},"subject":{"reference":"Patient/made-102"},"onsetDateTime":"2008-07"}');
INSERT INTO "version" VALUES(2,2199023255559,'Condition',1,1700000077000000,'POST',2,'{"resourceType":"Condition","id":"made-105","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Secondary malignant neoplasm of bone</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/conditions","value":"0002-003"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active","display":"Active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed","display":"Confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis","display":"Encounter Diagnosis"}]}],"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C79.5","display":"Secondary malignant neoplasm of bone"}]},"subject":{"reference":"Patient/made-102"},"onsetDateTime":"2013-01-14T00:49:00+07:00","recordedDate":"2013-01-14"}');
INSERT INTO "version" VALUES(2,2199023255560,'Observation',1,1700000077000000,'POST',2,'{"resourceType":"Observation","id":"made-106","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>HER2 [Interpretation] in Tissue</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/observations","value":"0002-004"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"48676-1","display":"HER2 [Interpretation] in Tissue"}]},"subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2008-08-01T16:59:00+07:00","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA6577-6","display":"Negative"}]}}');
INSERT INTO "version" VALUES(2,2199023255561,'Observation',1,1700000077000000,'POST',2,'{"resourceType":"Observation","id":"made-107","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>ECOG performance status score</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/observations","value":"0002-005"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"survey","display":"Survey"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"89247-1","display":"ECOG performance status score"}]},"subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2013-01-14T00:36:00+07:00","valueInteger":0}');
INSERT INTO "version" VALUES(2,2199023255562,'Procedure',1,1700000077000000,'POST',2,'{"resourceType":"Procedure","id":"made-108","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Breast surgery</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/procedures","value":"0002-006"}],"status":"completed","code":{"coding":[{"system":"http://snomed.info/sct","code":"64368001","display":"Excision of part of breast"}]},"subject":{"reference":"Patient/made-102"},"performedDateTime":"2008-08-16"}');
INSERT INTO "version" VALUES(2,2199023255563,'Medication',1,1700000077000000,'POST',2,'{"resourceType":"Medication","id":"made-109","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"L01DB01","display":"doxorubicin"}],"text":"Doxorubicin"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-007"}]}');
INSERT INTO "version" VALUES(2,2199023255564,'MedicationStatement',1,1700000077000000,'POST',2,'{"resourceType":"MedicationStatement","id":"made-110","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"medicationReference":{"reference":"Medication/made-109"},"identifier":[{"system":"https://hal-bangkok.example/statements","value":"0002-008"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectivePeriod":{"start":"2008-09-15","end":"2008-12-08"}}');
INSERT INTO "version" VALUES(2,2199023255565,'Medication',1,1700000077000000,'POST',2,'{"resourceType":"Medication","id":"made-111","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"L01AA01","display":"cyclophosphamide"}],"text":"Cyclophosphamide"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-009"}]}');
INSERT INTO "version" VALUES(2,2199023255566,'MedicationStatement',1,1700000077000000,'POST',2,'{"resourceType":"MedicationStatement","id":"made-112","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"medicationReference":{"reference":"Medication/made-111"},"identifier":[{"system":"https://hal-bangkok.example/statements","value":"0002-010"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectivePeriod":{"start":"2008-09-15","end":"2008-12-08"}}');
INSERT INTO "version" VALUES(2,2199023255567,'Medication',1,1700000077000000,'POST',2,'{"resourceType":"Medication","id":"made-113","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"L01CD01","display":"paclitaxel"}],"text":"Paclitaxel"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-011"}]}');
INSERT INTO "version" VALUES(2,2199023255568,'MedicationStatement',1,1700000077000000,'POST',2,'{"resourceType":"MedicationStatement","id":"made-114","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"medicationReference":{"reference":"Medication/made-113"},"identifier":[{"system":"https://hal-bangkok.example/statements","value":"0002-012"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectivePeriod":{"start":"2013-01-24","end":"2013-04-24"}}');
INSERT INTO "version" VALUES(2,2199023255569,'Medication',1,1700000077000000,'POST',2,'{"resourceType":"Medication","id":"made-115","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"M05BA08","display":"zoledronic acid"}],"text":"Zoledronic acid"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-013"}]}');
INSERT INTO "version" VALUES(2,2199023255570,'MedicationStatement',1,1700000077000000,'POST',2,'{"resourceType":"MedicationStatement","id":"made-116","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"medicationReference":{"reference":"Medication/made-115"},"identifier":[{"system":"https://hal-bangkok.example/statements","value":"0002-014"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectivePeriod":{"start":"2013-09-30","end":"2014-03-19"}}');
INSERT INTO "version" VALUES(2,2199023255571,'Medication',1,1700000077000000,'POST',2,'{"resourceType":"Medication","id":"made-117","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"code":{"coding":[{"system":"http://www.whocc.no/atc","code":"L01XX41","display":"eribulin mesylate"}],"text":"Eribulin mesylate"},"identifier":[{"system":"https://hal-bangkok.example/medications","value":"0002-016"}]}');
INSERT INTO "version" VALUES(2,2199023255572,'MedicationAdministration',1,1700000077000000,'POST',2,'{"resourceType":"MedicationAdministration","id":"made-118","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-117"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-015"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2013-08-31T08:24:00+07:00","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(2,2199023255573,'MedicationAdministration',1,1700000077000000,'POST',2,'{"resourceType":"MedicationAdministration","id":"made-119","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-117"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-017"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2013-09-07T17:50:00+07:00","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(2,2199023255574,'MedicationAdministration',1,1700000077000000,'POST',2,'{"resourceType":"MedicationAdministration","id":"made-120","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-117"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-018"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2013-09-21","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(2,2199023255575,'MedicationAdministration',1,1700000077000000,'POST',2,'{"resourceType":"MedicationAdministration","id":"made-121","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-117"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-019"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2013-09-28T00:23:00+07:00","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(2,2199023255576,'MedicationAdministration',1,1700000077000000,'POST',2,'{"resourceType":"MedicationAdministration","id":"made-122","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-117"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-020"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2013-10-12T11:56:00+07:00","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(2,2199023255577,'MedicationAdministration',1,1700000077000000,'POST',2,'{"resourceType":"MedicationAdministration","id":"made-123","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>eribulin given</p></div>"},"medicationReference":{"reference":"Medication/made-117"},"identifier":[{"system":"https://hal-bangkok.example/administrations","value":"0002-021"}],"status":"completed","subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2013-10-19","dosage":{"dose":{"value":2.1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}');
INSERT INTO "version" VALUES(2,2199023255578,'Observation',1,1700000077000000,'POST',2,'{"resourceType":"Observation","id":"made-124","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Cancer outcome status</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/observations","value":"0002-022"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"21976-6","display":"Cancer outcome status"}]},"subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2013-08-22","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28371-5","display":"Stable disease"}],"text":"Stable disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(2,2199023255579,'Observation',1,1700000077000000,'POST',2,'{"resourceType":"Observation","id":"made-125","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Cancer outcome status</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/observations","value":"0002-023"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"exam","display":"Exam"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"21976-6","display":"Cancer outcome status"}]},"subject":{"reference":"Patient/made-102"},"effectiveDateTime":"2013-10-20","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA28370-7","display":"Progressive disease"}],"text":"Progressive disease"},"extension":[{"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"363679005","display":"Imaging"}]}}]}');
INSERT INTO "version" VALUES(2,2199023255580,'AdverseEvent',1,1700000077000000,'POST',2,'{"resourceType":"AdverseEvent","id":"made-126","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"2","display":"Grade 2"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-09-21"}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-024"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10002272","display":"Anemia"}]},"subject":{"reference":"Patient/made-102"},"date":"2013-09-18","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Non-serious","display":"Non-serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"moderate","display":"Moderate"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-118"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Unlikely","display":"Unlikely"}]}}]}]}');
INSERT INTO "version" VALUES(2,2199023255581,'AdverseEvent',1,1700000077000000,'POST',2,'{"resourceType":"AdverseEvent","id":"made-127","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"4","display":"Grade 4"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-10-09"},{"url":"http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/caused-subject-to-discontinue-study","valueBoolean":true}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-025"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10001760","display":"Alopecia"}]},"subject":{"reference":"Patient/made-102"},"date":"2013-10-02T00:50:00+07:00","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Non-serious","display":"Non-serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"severe","display":"Severe"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-118"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Probably-Likely","display":"Probably/Likely"}]}}]}]}');
INSERT INTO "version" VALUES(2,2199023255582,'AdverseEvent',1,1700000077000000,'POST',2,'{"resourceType":"AdverseEvent","id":"made-128","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"3","display":"Grade 3"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-10-20"}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-026"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10034620","display":"Peripheral sensory neuropathy"}]},"subject":{"reference":"Patient/made-102"},"date":"2013-10-08T00:23:00+07:00","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Serious","display":"Serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"severe","display":"Severe"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-118"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Unlikely","display":"Unlikely"}]}}]}]}');
INSERT INTO "version" VALUES(2,2199023255583,'AdverseEvent',1,1700000077000000,'POST',2,'{"resourceType":"AdverseEvent","id":"made-129","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"2","display":"Grade 2"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-07-27"}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-027"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10029366","display":"Neutrophil count decreased"}]},"subject":{"reference":"Patient/made-102"},"date":"2013-07-17T00:44:00+07:00","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Non-serious","display":"Non-serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"moderate","display":"Moderate"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-118"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Probably-Likely","display":"Probably/Likely"}]}}]}]}');
INSERT INTO "version" VALUES(2,2199023255584,'AdverseEvent',1,1700000077000000,'POST',2,'{"resourceType":"AdverseEvent","id":"made-130","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"extension":[{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system","code":"3","display":"Grade 3"}]}},{"url":"http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date","valueDateTime":"2013-09-30"}],"identifier":{"system":"https://hal-bangkok.example/adverse-events","value":"0002-028"},"actuality":"actual","event":{"coding":[{"system":"https://www.meddra.org","code":"10029366","display":"Neutrophil count decreased"}]},"subject":{"reference":"Patient/made-102"},"date":"2013-09-21T00:54:00+07:00","seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"Non-serious","display":"Non-serious"}]},"severity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-severity","code":"severe","display":"Severe"}]},"outcome":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-outcome","code":"resolved","display":"Resolved"}]},"suspectEntity":[{"instance":{"reference":"MedicationAdministration/made-118"},"causality":[{"assessment":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess","code":"Probably-Likely","display":"Probably/Likely"}]}}]}]}');
INSERT INTO "version" VALUES(2,2199023255585,'Encounter',1,1700000077000000,'POST',2,'{"resourceType":"Encounter","id":"made-131","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-029"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-102"},"period":{"start":"2013-08-31","end":"2013-08-31"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(2,2199023255586,'Encounter',1,1700000077000000,'POST',2,'{"resourceType":"Encounter","id":"made-132","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-030"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-102"},"period":{"start":"2013-10-12","end":"2013-10-12"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(2,2199023255587,'Encounter',1,1700000077000000,'POST',2,'{"resourceType":"Encounter","id":"made-133","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-031"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-102"},"period":{"start":"2013-10-19","end":"2013-10-19"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(2,2199023255588,'Encounter',1,1700000077000000,'POST',2,'{"resourceType":"Encounter","id":"made-134","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-032"}],"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-102"},"period":{"start":"2014-04-16","end":"2014-04-16"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(2,2199023255589,'Encounter',1,1700000077000000,'POST',2,'{"resourceType":"Encounter","id":"made-135","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:37.000Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Visit</p></div>"},"identifier":[{"system":"https://hal-bangkok.example/encounters","value":"0002-033"}],"status":"cancelled","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/made-102"},"period":{"start":"2015-05-21","end":"2015-05-21"},"serviceProvider":{"reference":"Organization/hal-bangkok"}}');
INSERT INTO "version" VALUES(1,1099511627890,'Patient',1,1700000091000000,'POST',6,'{"resourceType":"Patient","id":"made-136","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:51.000Z"},"name":[{"family":"Müller-LüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidt"}],"birthDate":"1951-02"}');
INSERT INTO "version" VALUES(1,1099511627891,'Patient',1,1700000098000000,'POST',7,'{"resourceType":"Patient","id":"made-137","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:14:58.000Z"},"name":[{"family":"Müller-LüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidt"}],"birthDate":"1951-02"}');
INSERT INTO "version" VALUES(1,1099511627890,'Patient',2,1700000112000000,'PUT',8,'{"resourceType":"Patient","id":"made-136","meta":{"versionId":"2","lastUpdated":"2023-11-14T22:15:12.000Z"},"name":[{"family":"Müller-LüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidtLüdenscheidt"}],"birthDate":"1951-02","link":[{"other":{"reference":"Patient/made-1"},"type":"replaced-by"}]}');
INSERT INTO "version" VALUES(1,1099511627892,'Observation',1,1700000119000000,'PUT',9,'{"resourceType":"Observation","id":"o","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:15:19.000Z"},"status":"final","code":{"text":"dose"},"subject":{"reference":"Patient/made-1"},"valueQuantity":{"value":1.50,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}');
INSERT INTO "version" VALUES(1,1099511627892,'Observation',2,1700000126000000,'DELETE',10,'');
INSERT INTO "version" VALUES(1,1099511627892,'Observation',3,1700000133000000,'PUT',11,'{"resourceType":"Observation","id":"o","meta":{"versionId":"3","lastUpdated":"2023-11-14T22:15:33.000Z"},"status":"amended","code":{"text":"dose"},"subject":{"reference":"Patient/made-1"},"valueQuantity":{"value":1.50,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}');
INSERT INTO "version" VALUES(1,1099511627893,'Observation',1,1700000140000000,'PUT',12,'{"resourceType":"Observation","id":"gone","meta":{"versionId":"1","lastUpdated":"2023-11-14T22:15:40.000Z"},"status":"final","code":{"text":"dose"},"subject":{"reference":"Patient/made-1"},"valueQuantity":{"value":1.50,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}');
INSERT INTO "version" VALUES(1,1099511627893,'Observation',2,1700000147000000,'DELETE',13,'');
CREATE UNIQUE INDEX resource_identity ON resource (site, type, id);
CREATE INDEX resource_updated ON resource (site, type, updated, rid) WHERE deleted = 0;
CREATE INDEX resource_type ON resource (site, type, rid) WHERE deleted = 0;
CREATE INDEX version_history ON version (site, type, updated, rid);
CREATE INDEX change_submission ON change (site, submission);
CREATE INDEX analysis_key ON analysis (site, study, cutoff);
CREATE INDEX analysis_finding_rule ON analysis_finding (analysis, rule, subject);
CREATE INDEX index_string_rid ON index_string (rid, param);
CREATE INDEX index_token_rid ON index_token (rid, param);
CREATE INDEX index_date_end ON index_date (site, param, hi, rid);
CREATE INDEX index_date_rid ON index_date (rid, param);
CREATE INDEX index_number_range ON index_number (site, param, hi) WHERE lo <> hi;
CREATE INDEX index_number_rid ON index_number (rid, param);
CREATE INDEX index_quantity_range ON index_quantity (site, param, hi) WHERE lo <> hi;
CREATE INDEX index_quantity_rid ON index_quantity (rid, param);
CREATE INDEX index_reference_rid ON index_reference (rid, param);
CREATE INDEX index_uri_rid ON index_uri (rid, param);
CREATE INDEX adverse_event_rid ON adverse_event (_rid);
CREATE INDEX condition_rid ON condition (_rid);
CREATE INDEX encounter_rid ON encounter (_rid);
CREATE INDEX episode_of_care_rid ON episode_of_care (_rid);
CREATE INDEX medication_administration_rid ON medication_administration (_rid);
CREATE INDEX medication_request_rid ON medication_request (_rid);
CREATE INDEX medication_statement_rid ON medication_statement (_rid);
CREATE INDEX medication_rid ON medication (_rid);
CREATE INDEX observation_rid ON observation (_rid);
CREATE INDEX patient_rid ON patient (_rid);
CREATE INDEX patient_linked ON patient (_site, patient) WHERE (replaced_by IS NOT NULL OR replaces <> '[]');
CREATE INDEX procedure_rid ON procedure (_rid);
CREATE INDEX research_subject_rid ON research_subject (_rid);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('analysis',1);
COMMIT;
