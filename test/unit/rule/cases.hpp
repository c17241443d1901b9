// The truth table of changes: for each row of it a shape, a change, and what it does to readers and
// writers.
//
// Kept as data, so that one test can hold the verdicts, another can see that every rule of the
// registry has a case, and a third that every sentence follows the style guide.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "change/change.hpp"
#include "support/flights.hpp"

namespace accord::test {

struct rule_case {
  std::string name;
  std::function<void(core::shape&)> prepare;  // from flights() to the shape before
  std::function<void(core::shape&)> edit;     // from the shape before to the one after
  std::vector<std::string> verdicts;          // rule: readers/writers
  change::renames renames = {};
};

inline core::column& col(core::shape& s, const char* name) {
  return *s.find_column(name);
}

inline core::constraint check(const std::string& name, std::vector<std::string> columns, const std::string& text) {
  return make_constraint(name, "check", std::move(columns), "CHECK (" + text + ")");
}

inline core::constraint foreign_key(const std::string& on_delete) {
  auto key = make_constraint(
      "flights_carrier_fkey", "foreign key", {"carrier"},
      "FOREIGN KEY (carrier) REFERENCES public.airlines(carrier)" + (on_delete == "cascade" ? std::string(" ON DELETE CASCADE") : ""));
  key.references = "public.airlines";
  key.on_delete = on_delete;
  return key;
}

inline const std::vector<rule_case>& rule_cases() {
  using shape = core::shape;
  const auto as_is = [](shape&) {};
  const auto unique = make_constraint("one", "unique", {"carrier", "dep_delay"}, "UNIQUE (carrier, dep_delay)");
  static const std::vector<rule_case> cases = {
      // ---- C1, 1 to 4: columns that come
      {"add a nullable column",
       as_is,
       [](shape& s) { s.columns.push_back(make_column("tail", make_type("text", "S"))); },
       {"column-added: breaks/breaks"}},
      {"add a generated column",
       as_is,
       [](shape& s) {
         s.columns.push_back(make_column("twice", make_type("integer")));
         s.columns.back().generated = "(dep_delay * 2)";
       },
       {"column-added: breaks/none"}},
      {"add a serial column",
       as_is,
       [](shape& s) {
         s.columns.push_back(make_column("n", make_type("integer")));
         s.columns.back().not_null = true;
         s.columns.back().default_expression = "nextval('public.flights_n_seq'::regclass)";
       },
       {"column-with-sequence-added: breaks/breaks", "column-with-sequence-added: none/data-dependent"}},
      {"add a required column",
       as_is,
       [](shape& s) {
         s.columns.push_back(make_column("n", make_type("integer")));
         s.columns.back().not_null = true;
       },
       {"required-column-added: breaks/breaks"}},
      {"add a required column whose domain has a default",
       as_is,
       [](shape& s) {
         auto domain = make_type("public.minutes");
         domain.kind = "d";
         domain.domain_base = "integer";
         domain.domain_not_null = true;
         domain.domain_default = "0";
         s.columns.push_back(make_column("n", domain));
       },
       {"column-added: breaks/breaks"}},
      // ---- C1, 5 to 7: columns that go or change their name
      {"drop a column", as_is, [](shape& s) { s.columns.pop_back(); }, {"column-dropped: breaks/breaks"}},
      {"drop a column of a check over two",
       [](shape& s) {
         s.constraints.insert(s.constraints.begin(), check("c", {"flight_id", "dep_delay"}, "(flight_id > dep_delay)"));
       },
       [](shape& s) {
         s.columns.pop_back();
         s.constraints.erase(s.constraints.begin());
       },
       {"column-dropped: breaks/breaks", "check-dropped: silent/none"}},
      {"drop a column of a key takes the key along and says it once",
       [unique](shape& s) { s.constraints.push_back(unique); },
       [](shape& s) {
         s.columns.pop_back();
         s.constraints.pop_back();
       },
       {"column-dropped: breaks/breaks"}},
      {"rename a column",
       as_is,
       [](shape& s) { col(s, "carrier").name = "airline"; },
       {"column-renamed: breaks/breaks"},
       {{"carrier", "airline"}}},
      {"swap two names",
       as_is,
       [](shape& s) {
         s.columns[1].name = "dep_delay";
         s.columns[2].name = "carrier";
       },
       {"column-renamed: breaks/breaks", "column-renamed: breaks/breaks", "column-name-reused: silent/silent",
        "column-name-reused: silent/silent"},
       {{"carrier", "dep_delay"}, {"dep_delay", "carrier"}}},
      {"drop a column and make it again",
       as_is,
       as_is,
       {"column-dropped: breaks/breaks", "column-added: breaks/breaks", "column-name-reused: silent/silent"},
       {{"dep_delay", ""}}},
      // ---- C1, 8 and 9: nullability
      {"set not null", as_is, [](shape& s) { col(s, "dep_delay").not_null = true; }, {"not-null-added: none/data-dependent"}},
      {"set not null where a check says it already",
       [](shape& s) { s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay IS NOT NULL)")); },
       [](shape& s) { col(s, "dep_delay").not_null = true; },
       {}},
      {"a check that says is not null",
       as_is,
       [](shape& s) {
         s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay IS NOT NULL)"));
         s.constraints[0].definition += " NOT VALID";
         s.constraints[0].validated = false;
       },
       {"not-null-added: none/data-dependent"}},
      {"not null and the check that says so, at once",
       as_is,
       [](shape& s) {
         col(s, "dep_delay").not_null = true;
         s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay IS NOT NULL)"));
       },
       {"not-null-added: none/data-dependent"}},
      {"drop not null", as_is, [](shape& s) { col(s, "carrier").not_null = false; }, {"not-null-dropped: silent/none"}},
      {"drop not null where a valid check still says it",
       [](shape& s) { s.constraints.insert(s.constraints.begin(), check("c", {"carrier"}, "(carrier IS NOT NULL)")); },
       [](shape& s) { col(s, "carrier").not_null = false; },
       {}},
      {"drop not null and rename at once",
       as_is,
       [](shape& s) {
         col(s, "carrier").not_null = false;
         col(s, "carrier").name = "airline";
       },
       {"column-renamed: breaks/breaks", "not-null-dropped: silent/none"},
       {{"carrier", "airline"}}},
      // ---- C1, 10 and 11: defaults
      {"a default for a nullable column",
       as_is,
       [](shape& s) { col(s, "dep_delay").default_expression = "0"; },
       {"default-changed: none/silent", "default-changed: silent/none"}},
      {"a default for what a checked column is computed from",
       [](shape& s) {
         col(s, "carrier").generated = "(dep_delay * 2)";
         s.constraints.insert(s.constraints.begin(), check("c", {"flight_id", "carrier"}, "(flight_id > carrier)"));
       },
       [](shape& s) { col(s, "dep_delay").default_expression = "0"; },
       {"default-changed: none/silent", "default-changed: silent/none", "default-changed: silent/none"}},
      {"a default for a required column", as_is, [](shape& s) { col(s, "carrier").default_expression = "'AA'::text"; }, {}},
      {"another default",
       [](shape& s) { col(s, "dep_delay").default_expression = "0"; },
       [](shape& s) { col(s, "dep_delay").default_expression = "1"; },
       {"default-changed: none/silent", "default-changed: silent/none"}},
      {"no default on a nullable column",
       [](shape& s) { col(s, "dep_delay").default_expression = "0"; },
       [](shape& s) { col(s, "dep_delay").default_expression.reset(); },
       {"default-dropped: none/silent", "default-dropped: silent/none"}},
      {"no default on a required column",
       [](shape& s) { col(s, "carrier").default_expression = "'AA'::text"; },
       [](shape& s) { col(s, "carrier").default_expression.reset(); },
       {"default-dropped: none/breaks"}},
      // ---- C1, 12 and 13: checks
      {"add a check",
       as_is,
       [](shape& s) { s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay > 0)")); },
       {"check-added: none/data-dependent"}},
      {"add a check that is not enforced",
       as_is,
       [](shape& s) {
         s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay > 0)"));
         s.constraints[0].enforced = s.constraints[0].validated = false;
       },
       {}},
      {"validate a check",
       [](shape& s) {
         s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay > 0)"));
         s.constraints[0].validated = false;
         s.constraints[0].definition += " NOT VALID";
       },
       [](shape& s) {
         s.constraints[0].validated = true;
         s.constraints[0].definition = "CHECK ((dep_delay > 0))";
       },
       {}},
      {"drop a check",
       [](shape& s) { s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay > 0)")); },
       [](shape& s) { s.constraints.erase(s.constraints.begin()); },
       {"check-dropped: silent/none"}},
      {"drop a check and add it under another name",
       [](shape& s) { s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay > 0)")); },
       [](shape& s) { s.constraints[0].name = "d"; },
       {}},
      {"another condition of a check",
       [](shape& s) { s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay > 0)")); },
       [](shape& s) { s.constraints[0].definition = "CHECK ((dep_delay > 1))"; },
       {"check-added: none/data-dependent", "check-dropped: silent/none"}},
      // ---- C1, 14 and 15: keys
      {"add a unique constraint", as_is, [unique](shape& s) { s.constraints.push_back(unique); }, {"unique-added: none/data-dependent"}},
      {"add an exclusion constraint",
       as_is,
       [](shape& s) { s.constraints.push_back(make_constraint("x", "exclusion", {"carrier"}, "EXCLUDE USING gist (carrier WITH =)")); },
       {"exclusion-added: none/data-dependent"}},
      {"drop an exclusion constraint",
       [](shape& s) { s.constraints.push_back(make_constraint("x", "exclusion", {"carrier"}, "EXCLUDE USING gist (carrier WITH =)")); },
       [](shape& s) { s.constraints.pop_back(); },
       {"exclusion-dropped: silent/breaks"}},
      {"rename a unique constraint",
       [unique](shape& s) { s.constraints.push_back(unique); },
       [](shape& s) { s.constraints.back().name = "other"; },
       {"constraint-renamed: none/breaks"}},
      {"drop a unique constraint",
       [unique](shape& s) { s.constraints.push_back(unique); },
       [](shape& s) { s.constraints.pop_back(); },
       {"unique-dropped: silent/breaks"}},
      {"replace a unique constraint by an index over the same columns",
       [unique](shape& s) { s.constraints.push_back(unique); },
       [](shape& s) {
         s.constraints.back() =
             make_constraint("two", "unique index", {"dep_delay", "carrier"}, "ON public.flights USING btree (dep_delay, carrier)");
       },
       {"constraint-renamed: none/breaks"}},
      {"replace a unique constraint by a partial index",
       [unique](shape& s) { s.constraints.push_back(unique); },
       [](shape& s) {
         s.constraints.back() = make_constraint("two", "unique index", {"carrier", "dep_delay"},
                                                "ON public.flights USING btree (carrier, dep_delay) WHERE (dep_delay > 0)");
         s.constraints.back().partial = true;
       },
       {"unique-dropped: silent/breaks"}},
      {"add a unique index over more than a key",
       [unique](shape& s) { s.constraints.push_back(unique); },
       [unique](shape& s) {
         s.constraints.push_back(
             make_constraint("more", "unique index", {"carrier", "dep_delay", "flight_id"}, "ON public.flights USING btree (carrier, dep_delay, flight_id)"));
       },
       {}},
      {"make a unique constraint deferrable",
       [unique](shape& s) { s.constraints.push_back(unique); },
       [](shape& s) {
         s.constraints.back().deferrable = true;
         s.constraints.back().definition += " DEFERRABLE";
       },
       {"unique-deferred: none/breaks"}},
      {"add a deferrable key beside another",
       [unique](shape& s) { s.constraints.push_back(unique); },
       [unique](shape& s) {
         s.constraints.push_back(unique);
         s.constraints.back().name = "two";
         s.constraints.back().deferrable = true;
       },
       {"unique-deferred: none/breaks"}},
      {"another expression of a unique index",
       [](shape& s) {
         s.constraints.push_back(make_constraint("x", "unique index", {}, "ON public.flights USING btree (lower(carrier))"));
       },
       [](shape& s) { s.constraints.back().definition = "ON public.flights USING btree (upper(carrier))"; },
       {"unique-added: none/data-dependent", "unique-dropped: silent/breaks"}},
      // ---- C1, 16: foreign keys
      {"add a foreign key",
       as_is,
       [](shape& s) { s.constraints.insert(s.constraints.begin(), foreign_key("no action")); },
       {"foreign-key-added: none/data-dependent"}},
      {"drop a foreign key",
       [](shape& s) { s.constraints.insert(s.constraints.begin(), foreign_key("no action")); },
       [](shape& s) { s.constraints.erase(s.constraints.begin()); },
       {"foreign-key-dropped: silent/none"}},
      {"another action of a foreign key",
       [](shape& s) { s.constraints.insert(s.constraints.begin(), foreign_key("no action")); },
       [](shape& s) { s.constraints[0] = foreign_key("cascade"); },
       {"foreign-key-action-changed: silent/none"}},
      // ---- C1, 17 and 18: identity and generated columns
      {"identity by default",
       [](shape& s) { col(s, "flight_id").identity.clear(); },
       [](shape& s) { col(s, "flight_id").identity = "by default"; },
       {}},
      {"identity always",
       [](shape& s) { col(s, "flight_id").identity = "by default"; },
       [](shape& s) { col(s, "flight_id").identity = "always"; },
       {"identity-always: none/breaks"}},
      {"no identity", as_is, [](shape& s) { col(s, "flight_id").identity.clear(); }, {"identity-dropped: none/breaks"}},
      {"a default instead of identity",
       as_is,
       [](shape& s) {
         col(s, "flight_id").identity.clear();
         col(s, "flight_id").default_expression = "nextval('public.s'::regclass)";
       },
       {}},
      {"a plain column becomes generated",
       as_is,
       [](shape& s) { col(s, "dep_delay").generated = "1"; },
       {"generated-added: silent/breaks"}},
      {"a plain column becomes generated, NOT NULL, from one that comes and is filled",
       as_is,
       [](shape& s) {
         s.columns.push_back(s.columns[0]);
         s.columns.back().name = "hours";
         s.columns.back().not_null = false;
         s.columns.back().default_expression = "1";
         col(s, "dep_delay").generated = "(hours * 60)";
         col(s, "dep_delay").not_null = true;
       },
       {"column-added: breaks/breaks", "generated-added: silent/breaks"}},
      {"another expression of a generated column",
       [](shape& s) { col(s, "dep_delay").generated = "1"; },
       [](shape& s) { col(s, "dep_delay").generated = "2"; },
       {"generated-changed: silent/none", "generated-changed: none/silent"}},
      {"a generated column becomes plain",
       [](shape& s) { col(s, "dep_delay").generated = "1"; },
       [](shape& s) { col(s, "dep_delay").generated.reset(); },
       {"generated-dropped: silent/none", "generated-dropped: none/silent"}},
      {"a generated column with a check becomes plain",
       [](shape& s) {
         col(s, "dep_delay").generated = "(flight_id * 2)";
         s.constraints.insert(s.constraints.begin(), check("c", {"dep_delay"}, "(dep_delay > 0)"));
       },
       [](shape& s) { col(s, "dep_delay").generated.reset(); },
       {"generated-dropped: silent/none", "generated-dropped: silent/none", "generated-dropped: none/silent"}},
      // ---- C1, 19 to 21: enums
      {"a label at the end",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
       },
       [](shape& s) {
         col(s, "dep_delay").type.labels = {"a", "b", "c"};
       },
       {"enum-label-added: data-dependent/none"}},
      {"a label before others",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
       },
       [](shape& s) {
         col(s, "dep_delay").type.labels = {"c", "a", "b"};
       },
       {"enum-label-added: data-dependent/none"}},
      {"labels in another order",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
       },
       [](shape& s) {
         col(s, "dep_delay").type.labels = {"b", "a"};
       },
       {"enum-order-changed: silent/none"}},
      {"a label before others, and these in another order",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
       },
       [](shape& s) {
         col(s, "dep_delay").type.labels = {"c", "b", "a"};
       },
       {"enum-label-added: data-dependent/none", "enum-order-changed: silent/none"}},
      {"a default follows its label",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
         col(s, "dep_delay").default_expression = "'a'::public.mood";
       },
       [](shape& s) {
         col(s, "dep_delay").type.labels = {"c", "b"};
         col(s, "dep_delay").default_expression = "'c'::public.mood";
       },
       {"enum-label-renamed: silent/breaks", "enum-label-renamed: none/silent"}},
      {"a trigger that fills a key",
       as_is,
       [](shape& s) {
         s.triggers = {{"fill", "CREATE TRIGGER fill BEFORE INSERT ON public.flights FOR EACH ROW", "origin", {"fills flight_id"}}};
       },
       {"trigger-added: silent/silent"}},
      {"a trigger that fills a key on UPDATE",
       as_is,
       [](shape& s) {
         s.triggers = {{"fill", "CREATE TRIGGER fill BEFORE UPDATE ON public.flights FOR EACH ROW", "origin", {"fills flight_id"}}};
       },
       {"trigger-added: none/silent", "trigger-added: silent/none"}},
      {"a renamed label of a column that a trigger fills",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
         s.triggers = {{"fill", "CREATE TRIGGER fill BEFORE INSERT ON public.flights FOR EACH ROW", "origin", {"fills dep_delay"}}};
       },
       [](shape& s) {
         col(s, "dep_delay").type.labels = {"a", "c"};
       },
       {"enum-label-renamed: silent/breaks", "enum-label-renamed: none/breaks"}},
      {"another type of a column that a trigger fills",
       [](shape& s) {
         col(s, "dep_delay").type = make_type("interval", "T");
         s.triggers = {{"fill", "CREATE TRIGGER fill BEFORE INSERT ON public.flights FOR EACH ROW", "origin", {"fills dep_delay"}}};
       },
       [](shape& s) { col(s, "dep_delay").type = make_type("time without time zone", "D"); },
       {"type-rounded: silent/silent", "type-rounded: none/silent"}},
      {"a renamed label",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
       },
       [](shape& s) {
         col(s, "dep_delay").type.labels = {"a", "c"};
       },
       {"enum-label-renamed: silent/breaks"}},
      {"fewer labels under the old name",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
       },
       [](shape& s) { col(s, "dep_delay").type.labels = {"a"}; },
       {"enum-label-removed: breaks/breaks"}},
      {"one label goes and another comes elsewhere",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
       },
       [](shape& s) {
         col(s, "dep_delay").type.labels = {"b", "c"};
       },
       {"enum-label-added: data-dependent/none", "enum-label-removed: breaks/breaks"}},
      // ---- composite types
      {"an attribute more",
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a integer", "b text"}; },
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a integer", "b text", "c text"}; },
       {"attribute-added: silent/breaks"}},
      {"an attribute less",
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a integer", "b text"}; },
       [](shape& s) { col(s, "dep_delay").type.attributes = {"b text"}; },
       {"attribute-dropped: breaks/breaks"}},
      {"a renamed attribute with attributes within it",
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a public.pair", "a.x integer", "b text"}; },
       [](shape& s) { col(s, "dep_delay").type.attributes = {"\"A b\" public.pair", "\"A b\".x integer", "b text"}; },
       {"attribute-renamed: breaks/breaks"}},
      {"a renamed attribute within another",
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a public.pair", "a.x integer"}; },
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a public.pair", "a.y integer"}; },
       {"attribute-renamed: breaks/breaks"}},
      {"an attribute that is composite itself goes with what is within",
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a public.pair", "a.x integer", "b text"}; },
       [](shape& s) { col(s, "dep_delay").type.attributes = {"b text"}; },
       {"attribute-dropped: breaks/breaks"}},
      {"an attribute of another type",
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a integer"}; },
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a bigint"}; },
       {"type-widened: breaks/breaks"}},
      {"attributes in another order",
       [](shape& s) { col(s, "dep_delay").type.attributes = {"a integer", "b text"}; },
       [](shape& s) { col(s, "dep_delay").type.attributes = {"b text", "a integer"}; },
       {"type-representation-changed: breaks/breaks"}},
      // ---- C1, 22 and 23: domains
      {"a domain gets a check",
       [](shape& s) { col(s, "dep_delay").type.kind = "d"; },
       [](shape& s) { col(s, "dep_delay").type.domain_checks = {"CHECK ((VALUE > 0))"}; },
       {"domain-tightened: none/data-dependent"}},
      {"a domain loses a check",
       [](shape& s) {
         col(s, "dep_delay").type.kind = "d";
         col(s, "dep_delay").type.domain_checks = {"CHECK ((VALUE > 0))"};
       },
       [](shape& s) { col(s, "dep_delay").type.domain_checks.clear(); },
       {"domain-loosened: silent/none"}},
      {"a domain gets not null where the column has it",
       [](shape& s) { col(s, "carrier").type.kind = "d"; },
       [](shape& s) { col(s, "carrier").type.domain_not_null = true; },
       {}},
      {"another default of a domain",
       [](shape& s) { col(s, "dep_delay").type.kind = "d"; },
       [](shape& s) { col(s, "dep_delay").type.domain_default = "1"; },
       {"domain-default-changed: silent/none", "domain-default-changed: none/silent"}},
      {"another default of a domain behind a default of its own",
       [](shape& s) {
         col(s, "dep_delay").type.kind = "d";
         col(s, "dep_delay").default_expression = "0";
       },
       [](shape& s) { col(s, "dep_delay").type.domain_default = "1"; },
       {}},
      // ---- C1, 25: collation
      {"another collation",
       as_is,
       [](shape& s) { col(s, "carrier").type.collation = "pg_catalog.\"C\""; },
       {"collation-changed: silent/none"}},
      // ---- C1, 26 to 29: row security, policies, rights
      {"enable row security", as_is, [](shape& s) { s.row_security = true; }, {"row-security-enabled: silent/breaks"}},
      {"disable row security",
       [](shape& s) { s.row_security = true; },
       [](shape& s) { s.row_security = false; },
       {"row-security-disabled: silent/silent"}},
      {"force row security",
       [](shape& s) { s.row_security = true; },
       [](shape& s) { s.force_row_security = true; },
       {"row-security-forced: silent/breaks"}},
      {"force row security that is off", as_is, [](shape& s) { s.force_row_security = true; }, {}},
      {"add a policy",
       [](shape& s) { s.row_security = true; },
       [](shape& s) {
         s.policies = {{"p", "all", "public", "true", "", true}};
       },
       {"policy-changed: silent/data-dependent"}},
      {"add a policy while row security is off",
       as_is,
       [](shape& s) {
         s.policies = {{"p", "all", "public", "true", "", true}};
       },
       {}},
      {"revoke a right to read",
       [](shape& s) {
         s.privileges = {{"billing", "SELECT", "", false}};
       },
       [](shape& s) { s.privileges.clear(); },
       {"privilege-revoked: breaks/breaks"}},
      {"revoke a right to write a column",
       [](shape& s) {
         s.privileges = {{"billing", "UPDATE", "carrier", false}};
       },
       [](shape& s) { s.privileges.clear(); },
       {"privilege-revoked: none/breaks"}},
      {"revoke only the grant option",
       [](shape& s) {
         s.privileges = {{"billing", "SELECT", "", true}};
       },
       [](shape& s) { s.privileges[0].grantable = false; },
       {}},
      {"revoke a column that the table covers",
       [](shape& s) {
         s.privileges = {{"billing", "SELECT", "", false}, {"billing", "SELECT", "carrier", false}};
       },
       [](shape& s) { s.privileges.pop_back(); },
       {}},
      {"grant a right",
       as_is,
       [](shape& s) {
         s.privileges = {{"public", "SELECT", "", false}};
       },
       {}},
      // ---- C1, 30 to 36: the relation
      {"rename the table", as_is, [](shape& s) { s.relation.name = "legs"; }, {"table-renamed: breaks/breaks"}},
      {"move the table", as_is, [](shape& s) { s.relation.schema = "ops"; }, {"table-moved: breaks/breaks"}},
      {"drop the table", as_is, [](shape& s) { s = {}; }, {"table-dropped: breaks/breaks"}},
      {"another order of columns", as_is, [](shape& s) { std::swap(s.columns[0], s.columns[1]); }, {"columns-reordered: breaks/breaks"}},
      {"a view takes the place of the table",
       as_is,
       [](shape& s) {
         s.kind = "view";
         s.view_definition = "SELECT 1";
       },
       {"relation-kind-changed: breaks/breaks"}},
      {"convert to a partitioned table",
       as_is,
       [](shape& s) {
         s.kind = "partitioned table";
         s.partition_key = "RANGE (flight_id)";
       },
       {"relation-kind-changed: breaks/data-dependent"}},
      {"convert to a partitioned table that takes every row",
       as_is,
       [](shape& s) {
         s.kind = "partitioned table";
         s.partition_key = "HASH (flight_id)";
         s.partitions = {"public.flights_0 FOR VALUES WITH (modulus 2, remainder 0)", "public.flights_1 FOR VALUES WITH (modulus 2, remainder 1)"};
       },
       {"relation-kind-changed: breaks/none"}},
      {"another partition key",
       [](shape& s) {
         s.kind = "partitioned table";
         s.partition_key = "RANGE (flight_id)";
       },
       [](shape& s) { s.partition_key = "RANGE (dep_delay)"; },
       {"partitioning-changed: silent/data-dependent"}},
      {"a materialized view takes the place of the table",
       as_is,
       [](shape& s) { s.kind = "materialized view"; },
       {"relation-kind-changed: silent/breaks"}},
      {"another parent", as_is, [](shape& s) { s.parents = {"public.base"}; }, {"inheritance-changed: silent/data-dependent"}},
      {"another query of a view",
       [](shape& s) { s.kind = "view"; },
       [](shape& s) { s.view_definition = "SELECT 2"; },
       {"view-redefined: silent/data-dependent"}},
      {"the same query of a view with a column more",
       [](shape& s) {
         s.kind = "view";
         s.columns.resize(2);
         s.view_definition = " SELECT f.id,\n    f.carrier\n   FROM f;";
       },
       [](shape& s) { s.view_definition = " SELECT f.id,\n    f.carrier,\n    f.origin\n   FROM f;"; },
       {}},
      {"a query of a view that leaves out what is there twice",
       [](shape& s) {
         s.kind = "view";
         s.columns.resize(2);
         s.view_definition = " SELECT f.id,\n    f.carrier\n   FROM f;";
       },
       [](shape& s) { s.view_definition = " SELECT DISTINCT f.id,\n    f.carrier\n   FROM f;"; },
       {"view-redefined: silent/data-dependent"}},
      // ---- C1, 37 to 42: triggers and storage
      {"add a trigger",
       as_is,
       [](shape& s) {
         s.triggers = {{"t", "BEFORE INSERT", "origin", {}}};
       },
       {"trigger-added: silent/breaks"}},
      {"add a disabled trigger",
       as_is,
       [](shape& s) {
         s.triggers = {{"t", "BEFORE INSERT", "disabled", {}}};
       },
       {}},
      {"drop a trigger",
       [](shape& s) {
         s.triggers = {{"t", "BEFORE INSERT", "origin", {}}};
       },
       [](shape& s) { s.triggers.clear(); },
       {"trigger-dropped: silent/silent"}},
      {"disable a trigger",
       [](shape& s) {
         s.triggers = {{"t", "BEFORE INSERT", "origin", {}}};
       },
       [](shape& s) { s.triggers[0].enabled = "disabled"; },
       {"trigger-changed: silent/silent"}},
      {"a foreign key beside one that lets rows go is renamed",
       [](shape& s) {
         s.constraints.insert(s.constraints.begin(), foreign_key("no action"));
         core::constraint going = foreign_key("cascade");
         going.name = "going";
         going.columns = {"dep_delay"};
         going.definition = "FOREIGN KEY (dep_delay) REFERENCES public.airlines(carrier) ON DELETE CASCADE";
         s.constraints.push_back(going);
       },
       [](shape& s) {
         for (auto& key : s.constraints)
           if (key.name == "flights_carrier_fkey") key.name = "renamed";
       },
       {}},
      {"a trigger refuses that rows go",
       as_is,
       [](shape& s) {
         s.triggers = {{"t", "CREATE TRIGGER t AFTER DELETE ON f FOR EACH ROW", "origin", {"raises"}}};
       },
       {"trigger-added: none/breaks"}},
      {"a trigger refuses that rows go with others",
       [](shape& s) { s.constraints.insert(s.constraints.begin(), foreign_key("cascade")); },
       [](shape& s) {
         s.triggers = {{"t", "CREATE TRIGGER t AFTER DELETE ON f FOR EACH ROW", "origin", {"raises"}}};
       },
       {"trigger-added: silent/breaks"}},
      {"IS NOT NULL of a row, in a column that is NOT NULL",
       [](shape& s) {
         col(s, "carrier").type.kind = "c";
         col(s, "carrier").not_null = true;
       },
       [](shape& s) { s.constraints.insert(s.constraints.begin(), check("c", {"carrier"}, "(carrier IS NOT NULL)")); },
       {"check-added: none/data-dependent"}},
      {"unlogged", as_is, [](shape& s) { s.persistence = "unlogged"; }, {"unlogged: silent/none"}},
      {"logged", [](shape& s) { s.persistence = "unlogged"; }, [](shape& s) { s.persistence = "permanent"; }, {}},
      {"no replica identity", as_is, [](shape& s) { s.replica_identity = "nothing"; }, {}},
      {"no replica identity of a published partitioned table",
       [](shape& s) {
         s.kind = "partitioned table";
         s.publications = {"pub: insert, update"};
       },
       [](shape& s) { s.replica_identity = "nothing"; },
       {}},
      {"the key goes from a published partitioned table with another identity than its partitions",
       [](shape& s) {
         s.kind = "partitioned table";
         s.publications = {"pub: insert, update"};
         s.replica_identity = "full";
       },
       [](shape& s) { s.constraints.clear(); },
       {"unique-dropped: silent/breaks", "replica-identity-dropped: none/data-dependent"}},
      {"no replica identity of a published table",
       [](shape& s) { s.publications = {"pub: insert, update"}; },
       [](shape& s) { s.replica_identity = "nothing"; },
       {"replica-identity-dropped: none/data-dependent"}},
      {"published without an identity",
       [](shape& s) { s.replica_identity = "nothing"; },
       [](shape& s) { s.publications = {"pub: insert, update"}; },
       {"published-without-identity: none/breaks"}},
      {"a child published without an identity",
       as_is,
       [](shape& s) { s.publications = {"pub: insert, update without identity below"}; },
       {"published-without-identity: none/breaks"}},
      {"a published child gets an identity",
       [](shape& s) { s.publications = {"pub: insert, update without identity below"}; },
       [](shape& s) { s.publications = {"pub: insert, update"}; },
       {}},
      {"no longer published",
       [](shape& s) { s.publications = {"pub: insert, update"}; },
       [](shape& s) { s.publications.clear(); },
       {"publication-changed: silent/none"}},
      {"another body of a function behind a default",
       [](shape& s) { s.functions = {"public.f() 1"}; },
       [](shape& s) { s.functions = {"public.f() 2"}; },
       {"function-changed: none/data-dependent", "function-changed: silent/none"}},
      {"a function more", as_is, [](shape& s) { s.functions = {"public.f() 2"}; }, {}},
      {"a policy for somebody else changes nothing where everybody sees everything",
       [](shape& s) {
         s.row_security = true;
         s.policies = {{"all", "all", "public", "true", "", true}};
       },
       [](shape& s) {
         s.policies.push_back({"p", "select", "billing", "true", "", true});
       },
       {}},
      {"row security with a policy that lets everybody do everything",
       [](shape& s) {
         s.policies = {{"all", "all", "public", "true", "true", true}};
       },
       [](shape& s) { s.row_security = true; },
       {"row-security-enabled: none/breaks"}},
      {"a trigger that only observes",
       as_is,
       [](shape& s) {
         s.triggers = {{"t", "BEFORE INSERT", "origin", {"none"}}};
       },
       {}},
      {"a trigger that fills a column",
       as_is,
       [](shape& s) {
         s.triggers = {{"t", "BEFORE INSERT", "origin", {"fills carrier"}}};
       },
       {"trigger-added: none/silent", "trigger-added: silent/none"}},
      {"full replica identity", as_is, [](shape& s) { s.replica_identity = "full"; }, {}},
      {"a comment", as_is, [](shape& s) { s.comment = "all flights"; }, {}},
      // ---- C2: one pair for each rule of types; the pairs themselves are in types_test
      {"a wider integer", as_is, [](shape& s) { col(s, "dep_delay").type = make_type("bigint"); }, {"type-widened: breaks/breaks"}},
      {"a narrower integer",
       as_is,
       [](shape& s) { col(s, "dep_delay").type = make_type("smallint"); },
       {"type-narrowed: breaks/data-dependent"}},
      {"a label of an enum within",
       [](shape& s) {
         col(s, "dep_delay").type.within = {make_enum({"a", "b"})};
       },
       [](shape& s) {
         col(s, "dep_delay").type.within[0].labels = {"a", "c"};
       },
       {"enum-label-renamed: silent/breaks"}},
      {"a check and a default of a domain within",
       [](shape& s) {
         auto domain = make_type("public.minutes");
         domain.kind = "d";
         col(s, "dep_delay").type.within = {domain};
       },
       [](shape& s) {
         col(s, "dep_delay").type.within[0].domain_checks = {"CHECK ((VALUE > 0))"};
         col(s, "dep_delay").type.within[0].domain_default = "1";
       },
       {"domain-tightened: none/data-dependent"}},
      {"an enum under another name",
       [](shape& s) {
         col(s, "dep_delay").type = make_enum({"a", "b"});
       },
       [](shape& s) { col(s, "dep_delay").type.text = col(s, "dep_delay").type.base = "public.humour"; },
       {"type-renamed: breaks/breaks"}},
      {"an integer becomes text",
       as_is,
       [](shape& s) { col(s, "dep_delay").type = make_type("text", "S"); },
       {"type-changed: breaks/breaks"}},
      {"an integer becomes an interval",
       as_is,
       [](shape& s) { col(s, "dep_delay").type = make_type("interval", "T"); },
       {"type-representation-changed: breaks/breaks"}},
      {"fewer digits",
       [](shape& s) { col(s, "dep_delay").type = make_type("numeric(10,2)"); },
       [](shape& s) { col(s, "dep_delay").type = make_type("numeric(10,1)"); },
       {"type-rounded: silent/silent"}},
      {"more digits",
       [](shape& s) { col(s, "dep_delay").type = make_type("numeric(10,2)"); },
       [](shape& s) { col(s, "dep_delay").type = make_type("numeric(12,4)"); },
       {"type-text-changed: silent/none"}},
      {"a timestamp gets a zone",
       [](shape& s) { col(s, "dep_delay").type = make_type("timestamp without time zone", "D"); },
       [](shape& s) { col(s, "dep_delay").type = make_type("timestamp with time zone", "D"); },
       {"type-reinterpreted: silent/silent"}},
      {"a domain over the type",
       as_is,
       [](shape& s) {
         auto domain = make_type("public.minutes");
         domain.kind = "d";
         domain.domain_base = "integer";
         col(s, "dep_delay").type = domain;
       },
       {"domain-applied: breaks/none"}},
      {"a domain with a default over the type",
       as_is,
       [](shape& s) {
         auto domain = make_type("public.minutes");
         domain.kind = "d";
         domain.domain_base = "integer";
         domain.domain_default = "7";
         col(s, "dep_delay").type = domain;
       },
       {"domain-applied: breaks/none", "domain-default-changed: silent/none", "domain-default-changed: none/silent"}},
      {"the type behind the domain",
       [](shape& s) {
         auto domain = make_type("public.minutes");
         domain.kind = "d";
         domain.domain_base = "integer";
         col(s, "dep_delay").type = domain;
       },
       [](shape& s) { col(s, "dep_delay").type = make_type("integer"); },
       {"domain-removed: breaks/none"}},
  };
  return cases;
}

}  // namespace accord::test
