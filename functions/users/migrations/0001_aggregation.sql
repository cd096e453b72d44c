insert into users.aggregation default values;
