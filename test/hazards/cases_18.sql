-- from 18: what earlier versions do not know

-- -
ALTER TABLE customers ADD CONSTRAINT city_known NOT NULL city NOT VALID;
-- SC04
ALTER TABLE customers ADD CONSTRAINT city_known NOT NULL city;
-- -
ALTER TABLE customers ADD COLUMN shout text GENERATED ALWAYS AS (upper(email)) VIRTUAL;
-- -
ALTER TABLE orders ADD CONSTRAINT orders_ref FOREIGN KEY (ref) REFERENCES employees (id) NOT ENFORCED;
-- -
ALTER TABLE readings ADD CONSTRAINT readings_sensor FOREIGN KEY (sensor) REFERENCES customers NOT VALID;
