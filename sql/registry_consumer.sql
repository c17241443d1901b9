-- Consumers and subscriptions: who may make them, what they must name, who sees them.
\set SHOW_CONTEXT never
CREATE EXTENSION pg_accord;
CREATE ROLE regress_registry_owner;
CREATE ROLE regress_registry_billing;
CREATE ROLE regress_registry_crew;
CREATE ROLE regress_registry_stranger;
CREATE ROLE "regress_registry Größe";
CREATE ROLE regress_registry_admin IN ROLE accord_admin;
GRANT ALL ON SCHEMA public TO regress_registry_owner;
SET ROLE regress_registry_owner;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, "Carrier ""x""" text);
GRANT SELECT ON flights TO regress_registry_billing;
GRANT UPDATE (dep_delay) ON flights TO regress_registry_crew;
SELECT accord.register_contract('flights');

-- consumers
SELECT accord.register_consumer('billing', role => 'regress_registry_billing', team => 'finance', contact => '#billing');
SELECT accord.register_consumer('billing');
SELECT accord.register_consumer('billing', if_not_exists => true);
SELECT accord.register_consumer(NULL);
SELECT accord.register_consumer('');
SELECT accord.register_consumer('x', role => 'regress_registry_nobody');
SELECT accord.register_consumer($$Bord"karte'; DROP TABLE flights; --$$, role => 'regress_registry Größe', description => 'Ünïcödé ☃');
SET ROLE regress_registry_crew;
SELECT accord.register_consumer('crew', role => 'regress_registry_crew');
SET ROLE regress_registry_stranger;
SELECT accord.register_consumer('spy');
SELECT accord.register_consumer('spy', role => 'regress_registry_billing');
SELECT accord.register_consumer('stranger', role => 'regress_registry_stranger');

-- subscriptions
SET ROLE regress_registry_owner;
SELECT accord.subscribe('flights', 'billing', '1', '{flight_id,dep_delay}', 'read', 'text');
SELECT accord.subscribe('flights', 'billing', columns => ARRAY['Carrier "x"']::name[]);
SELECT accord.subscribe('flights', $$Bord"karte'; DROP TABLE flights; --$$);
SELECT accord.subscribe(NULL, 'billing');
SELECT accord.subscribe('flights', NULL);
SELECT accord.subscribe('flights', 'biling');
SELECT accord.subscribe('flights', 'nobody''s');
SELECT accord.subscribe('pg_class', 'billing');
SELECT accord.subscribe('flights', 'billing', version => '2');
SELECT accord.subscribe('flights', 'billing', version => 'latest');
SELECT accord.subscribe('flights', 'billing', columns => '{}');
SELECT accord.subscribe('flights', 'billing', columns => '{Dep_Delay}');
SELECT accord.subscribe('flights', 'billing', columns => '{altitude}');
SELECT accord.subscribe('flights', 'billing', columns => '{dep_delay,NULL}');
SELECT accord.subscribe('flights', 'billing', columns => '{dep_delay,dep_delay}');
SELECT accord.subscribe('flights', 'billing', access => 'admin');
SELECT accord.subscribe('flights', 'billing', strictness => 'loose');
SELECT consumer, version, latest_version, status, columns, access, strictness FROM accord.subscriptions ORDER BY consumer;

-- consumers for themselves: those whose role may use the table
SET ROLE regress_registry_billing;
SELECT accord.subscribe('flights', 'billing', columns => '{flight_id}', access => 'read');
SET ROLE regress_registry_crew;
SELECT accord.subscribe('flights', 'crew', columns => '{dep_delay}', access => 'write', strictness => 'data');
SELECT accord.subscribe('flights', 'billing');
SET ROLE regress_registry_stranger;
SELECT accord.subscribe('flights', 'stranger');
SELECT accord.unsubscribe('flights', 'billing');
SELECT accord.drop_consumer('billing', force => true);

-- who sees whom
SELECT consumer FROM accord.consumers ORDER BY 1;
SELECT consumer FROM accord.subscriptions ORDER BY 1;
SET ROLE regress_registry_crew;
SELECT consumer FROM accord.consumers ORDER BY 1;
SELECT consumer FROM accord.subscriptions ORDER BY 1;
SET ROLE regress_registry_owner;
SELECT consumer FROM accord.consumers ORDER BY 1;
SELECT consumer FROM accord.subscriptions ORDER BY 1;
SET ROLE regress_registry_admin;
SELECT consumer FROM accord.consumers ORDER BY 1;
SELECT consumer FROM accord.subscriptions ORDER BY 1;
-- a leaky function of the reader sees no row that the view does not show
SET ROLE regress_registry_stranger;
CREATE FUNCTION pg_temp.leak(name) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END';
SELECT consumer FROM accord.consumers WHERE pg_temp.leak(consumer);
SELECT consumer FROM accord.subscriptions WHERE pg_temp.leak(consumer);
-- errors do not name them either
SELECT accord.subscribe('flights', 'billin');

-- take back
SET ROLE regress_registry_owner;
SELECT accord.unsubscribe('flights', 'billing', version => '2');
SELECT accord.unsubscribe('flights', 'billing', version => '1');
SELECT accord.unsubscribe('flights', 'billing');
SELECT accord.unsubscribe(NULL, 'billing');
SELECT accord.unsubscribe('flights', NULL);
SELECT accord.drop_consumer(NULL);
SELECT accord.drop_consumer('nobody');
SELECT accord.drop_consumer('crew');
SET ROLE regress_registry_crew;
SELECT accord.drop_consumer('crew');
SELECT accord.drop_consumer('crew', force => true);
RESET ROLE;
SELECT name, role FROM accord_catalog.consumer ORDER BY 1;
SELECT actor, action, detail ->> 'consumer' AS consumer, detail ->> 'columns' AS columns FROM accord.audit_log ORDER BY id;
