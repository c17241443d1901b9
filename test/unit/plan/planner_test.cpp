// The planner: DDL changes in, plan out, as a table of cases.
#include "plan/planner.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/failure.hpp"
#include "plan/steps.hpp"

namespace accord::plan {
namespace {

core::column_type type_of(std::string text, std::string category = "N") {
  core::column_type t;
  t.text = text;
  t.base = text.substr(0, text.find('('));
  t.kind = "b";
  t.category = std::move(category);
  return t;
}

core::column column_of(std::string name, std::string type, bool not_null = false, std::optional<std::string> default_expression = {}) {
  core::column c;
  c.name = std::move(name);
  c.type = type_of(std::move(type));
  c.not_null = not_null;
  c.default_expression = std::move(default_expression);
  return c;
}

// Identifiers of an expression, good enough for the texts below.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  std::string word;
  bool quoted = false;
  for (char c : std::string(text) + " ") {
    if (c == '\'') quoted = !quoted;
    if (!quoted && (std::isalnum(static_cast<unsigned char>(c)) || c == '_')) {
      word += c;
    } else {
      if (!word.empty() && !std::isdigit(static_cast<unsigned char>(word[0]))) found.push_back(word);
      word.clear();
    }
  }
  return found;
}

// flights(id integer PK, delay integer, carrier text NOT NULL, city text DEFAULT 'x', day integer NOT NULL)
request base() {
  request r;
  r.id = 7;
  r.contract = 3;
  r.owner = "ops";
  r.table = {"public", "flights"};
  live_version v;
  v.version = {1, 2, 0};
  v.shape.relation = r.table;
  v.shape.kind = "table";
  v.shape.columns = {column_of("id", "integer", true), column_of("delay", "integer"), column_of("carrier", "text", true),
                     column_of("city", "text", false, "'x'::text"), column_of("day", "integer", true)};
  for (const auto& c : v.shape.columns) {
    v.columns.push_back({c.name, c.name, std::nullopt});
    r.defaults[c.name] = c.default_expression;
  }
  v.view = {"flights_v1", "flights"};
  r.versions = {v};
  r.to = {2, 0, 0};
  r.new_schema = "flights_v2";
  r.columns_of = words;
  r.is_volatile = [](std::string_view text) { return text.find("random()") != std::string_view::npos; };
  r.around.keys = {{"primary key \"flights_pkey\"", {"id"}, true, {}}, {"index \"flights_day_idx\"", {"day"}, true, {}}};
  return r;
}

change::column_retyped retype(std::string column, std::string from, std::string to, std::optional<std::string> using_text = {}) {
  return {std::move(column), type_of(std::move(from)), type_of(std::move(to)), std::move(using_text)};
}

surroundings::keyed keyed(std::string kind, std::string name, std::vector<std::string> columns) {
  surroundings::keyed key{fmt::format("{} \"{}\"", kind, name), std::move(columns), true, {}};
  key.twin.kind = companion_kind_of(kind);
  key.twin.name = std::move(name);
  key.twin.unique = kind == "unique" || kind == "primary key";
  return key;
}

core::constraint constraint_of(std::string kind, std::string name, std::vector<std::string> columns, std::string definition) {
  core::constraint c;
  c.kind = std::move(kind);
  c.name = std::move(name);
  c.columns = std::move(columns);
  c.definition = std::move(definition);
  return c;
}

core::column generated_column(std::string name, std::string expression, std::string kind, bool not_null = false) {
  auto c = column_of(std::move(name), "bigint", not_null);
  c.generated = std::move(expression);
  c.generated_kind = std::move(kind);
  return c;
}

std::string refusal(const request& r) {
  try {
    make_plan(r);
    return "";
  } catch (const core::failure& f) {
    return f.sqlstate + " " + f.message;
  }
}

std::string map_of(const live_version& v) {
  std::string text;
  for (const auto& c : v.columns) {
    if (!text.empty()) text += " ";
    text += c.name == c.physical ? c.name : c.name + "=" + c.physical;
    if (c.view_default) text += "{" + *c.view_default + "}";
  }
  return text;
}

std::string groups_of(const migration& m) {
  std::string text;
  for (const auto& t : m.transforms) {
    text += "[";
    for (std::size_t i = 0; i < t.old_columns.size(); i++)
      text += (i ? "," : "") + t.old_columns[i] + (t.down[i] ? "<-" + *t.down[i] : "");
    text += " | ";
    for (std::size_t i = 0; i < t.new_columns.size(); i++)
      text += (i ? "," : "") + t.new_columns[i] + "<-" + t.up[i];
    text += "]";
  }
  return text;
}

struct good_case {
  const char* name;
  std::vector<change::any_change> changes;
  std::vector<assignment> up, down;
  const char* columns;  // of the new version
  const char* groups;
  bool touches_rows;
};

class good : public ::testing::TestWithParam<good_case> {};

TEST_P(good, plan) {
  const auto& c = GetParam();
  auto r = base();
  r.changes = c.changes;
  r.up = c.up;
  r.down = c.down;
  r.inserts_are_known = true;
  auto p = make_plan(r);
  EXPECT_EQ(map_of(p.made.new_version()), c.columns);
  EXPECT_EQ(groups_of(p.made), c.groups);
  EXPECT_EQ(p.touches_rows(), c.touches_rows);
  for (const auto& s : p.expand)
    EXPECT_EQ(s.phase, phase::expand);
}

const good_case good_cases[] = {
    {"rename", {change::column_renamed{"carrier", "airline"}}, {}, {}, "id delay airline=carrier city day", "", false},
    {"swap",
     {change::column_renamed{"carrier", "x"}, change::column_renamed{"city", "carrier"}, change::column_renamed{"x", "city"}},
     {},
     {},
     "id delay city=carrier carrier=city day",
     "",
     false},
    {"hide_nullable", {change::column_dropped{"delay", false}}, {}, {}, "id carrier city day", "", false},
    {"hide_with_default", {change::column_dropped{"city", false}}, {}, {}, "id delay carrier day", "", false},
    {"hide_not_null",
     {change::column_dropped{"carrier", false}},
     {},
     {{"carrier", "'none'"}},
     "id delay city day",
     "[carrier<-'none' | ]",
     false},
    {"new_default", {change::default_changed{"delay", std::nullopt, "0"}}, {}, {}, "id delay{0} carrier city day", "", false},
    {"no_default",
     {change::default_changed{"city", "'x'::text", std::nullopt}},
     {},
     {},
     "id delay carrier city{CAST(NULLIF('', '') AS text)} day",
     "",
     false},
    {"table_renamed",
     {change::relation_renamed{{"public", "flights"}, {"public", "trips"}}},
     {},
     {},
     "id delay carrier city day",
     "",
     false},
    {"comment", {change::comment_changed{"delay", "", "minutes"}}, {}, {}, "id delay carrier city day", "", false},
    {"reorder", {change::columns_reordered{{"day", "id", "delay", "carrier", "city"}}}, {}, {}, "day id delay carrier city", "", false},
    {"added", {change::column_added{column_of("gate", "text")}}, {}, {}, "id delay carrier city day gate=_accord_7_gate", "", false},
    {"added_generated",
     {change::column_renamed{"delay", "late"}, change::column_added{generated_column("twice", "late * 2", "stored")}},
     {},
     {},
     "id late=delay carrier city day twice=_accord_7_twice",
     "[ | twice<-late * 2]",
     true},
    {"added_virtual",
     {change::column_added{generated_column("twice", "delay * 2", "virtual")}},
     {},
     {},
     "id delay carrier city day twice=_accord_7_twice",
     "",
     false},
    {"retyped_below_generated",
     {change::column_added{generated_column("twice", "delay * 2", "stored")}, retype("delay", "integer", "bigint"),
      change::column_renamed{"delay", "late"}},
     {},
     {},
     "id late=_accord_7_late carrier city day twice=_accord_7_twice",
     "[delay<-late | late<-delay][ | twice<-late * 2]",
     true},
    {"added_with_default",
     {change::column_added{column_of("gate", "text", true, "'A'::text")}},
     {},
     {},
     "id delay carrier city day gate=_accord_7_gate",
     "",
     false},
    {"added_with_up",
     {change::column_added{column_of("label", "text")}},
     {{"label", "upper(carrier)"}},
     {},
     "id delay carrier city day label=_accord_7_label",
     "[carrier | label<-upper(carrier)]",
     true},
    {"widened",
     {retype("delay", "integer", "bigint")},
     {},
     {},
     "id delay=_accord_7_delay carrier city day",
     "[delay<-delay | delay<-delay]",
     true},
    {"retyped_using",
     {retype("delay", "integer", "text", "delay::text")},
     {},
     {{"delay", "delay::integer"}},
     "id delay=_accord_7_delay carrier city day",
     "[delay<-delay::integer | delay<-delay::text]",
     true},
    {"renamed_and_retyped",
     {change::column_renamed{"delay", "late"}, retype("late", "integer", "bigint")},
     {},
     {},
     "id late=_accord_7_late carrier city day",
     "[delay<-late | late<-delay]",
     true},
    {"not_null_set",
     {change::not_null_added{"delay"}},
     {{"delay", "coalesce(delay, 0)"}},
     {},
     "id delay=_accord_7_delay{CAST(accord_catalog.missing_value('flights', 'delay') AS integer)} carrier city day",
     "[delay<-delay | delay<-coalesce(delay, 0)]",
     true},
    {"not_null_dropped",
     {change::not_null_dropped{"carrier"}},
     {},
     {{"carrier", "coalesce(carrier, '')"}},
     "id delay carrier=_accord_7_carrier city day",
     "[carrier<-coalesce(carrier, '') | carrier<-carrier]",
     true},
    {"merged",
     {change::column_added{column_of("at", "timestamp")}, change::column_dropped{"delay", false}, change::column_dropped{"day", false}},
     {{"at", "f(day, delay)"}},
     {{"day", "g(at)"}, {"delay", "h(at)"}},
     "id carrier city at=_accord_7_at",
     "[delay<-h(at),day<-g(at) | at<-f(day, delay)]",
     true},
    {"split",
     {change::column_added{column_of("town", "text")}, change::column_added{column_of("state", "text")},
      change::column_dropped{"city", false}},
     {{"town", "a(city)"}, {"state", "b(city)"}},
     {{"city", "c(town, state)"}},
     "id delay carrier day town=_accord_7_town state=_accord_7_state",
     "[city<-c(town, state) | town<-a(city),state<-b(city)]",
     true},
    {"two_groups",
     {retype("delay", "integer", "bigint"), change::not_null_dropped{"carrier"}},
     {},
     {{"carrier", "coalesce(carrier, '')"}},
     "id delay=_accord_7_delay carrier=_accord_7_carrier city day",
     "[delay<-delay | delay<-delay][carrier<-coalesce(carrier, '') | carrier<-carrier]",
     true},
    {"other_unit",
     {},
     {{"delay", "delay * 60"}},
     {{"delay", "delay / 60"}},
     "id delay=_accord_7_delay carrier city day",
     "[delay<-delay / 60 | delay<-delay * 60]",
     true},
};
INSTANTIATE_TEST_SUITE_P(planner, good, ::testing::ValuesIn(good_cases), [](const auto& info) { return std::string(info.param.name); });

struct bad_case {
  const char* name;
  std::vector<change::any_change> changes;
  std::vector<assignment> up, down;
  void (*prepare)(request&);
  const char* refusal;
};

class bad : public ::testing::TestWithParam<bad_case> {};

TEST_P(bad, refused) {
  const auto& c = GetParam();
  auto r = base();
  r.changes = c.changes;
  r.up = c.up;
  r.down = c.down;
  if (c.prepare) c.prepare(r);
  EXPECT_EQ(refusal(r).substr(0, std::string(c.refusal).size()), c.refusal);
}

const bad_case bad_cases[] = {
    {"nothing", {}, {}, {}, nullptr, "AC003 the statements change nothing that clients can see"},
    {"down_missing_retype", {retype("delay", "integer", "text")}, {}, {}, nullptr, "AC003 \"down\" has no expression for column \"delay\""},
    {"down_missing_hide",
     {change::column_dropped{"carrier", false}},
     {},
     {},
     nullptr,
     "AC003 \"down\" has no expression for column \"carrier\""},
    {"down_missing_null",
     {change::not_null_dropped{"carrier"}},
     {},
     {},
     nullptr,
     "AC003 \"down\" has no expression for column \"carrier\""},
    {"down_missing_merge",
     {change::column_added{column_of("at", "text")}, change::column_dropped{"delay", false}},
     {{"at", "delay::text"}},
     {},
     nullptr,
     "AC003 \"down\" has no expression for column \"delay\""},
    {"up_missing_not_null", {change::not_null_added{"delay"}}, {}, {}, nullptr, "AC003 \"up\" has no expression for column \"delay\""},
    {"up_missing_added",
     {change::column_added{column_of("gate", "text", true)}},
     {},
     {},
     nullptr,
     "AC003 \"up\" has no expression for column \"gate\""},
    {"up_unknown",
     {change::column_renamed{"carrier", "airline"}},
     {{"nowhere", "1"}},
     {},
     nullptr,
     "42703 column \"nowhere\" in \"up\" does not exist in version 2.0.0"},
    {"down_unknown",
     {retype("delay", "integer", "bigint")},
     {},
     {{"nowhere", "1"}},
     nullptr,
     "42703 column \"nowhere\" in \"down\" does not exist in version 1.2.0"},
    {"twice",
     {retype("delay", "integer", "bigint")},
     {{"delay", "delay"}, {"delay", "delay"}},
     {},
     nullptr,
     "42601 column \"delay\" is assigned more than once in \"up\""},
    {"using_and_up",
     {retype("delay", "integer", "text", "delay::text")},
     {{"delay", "delay::text"}},
     {},
     nullptr,
     "42601 column \"delay\" has both a USING clause and an expression in \"up\""},
    {"using_renamed",
     {change::column_renamed{"delay", "late"}, retype("late", "integer", "text", "late::text")},
     {},
     {{"delay", "late::integer"}},
     nullptr,
     "AC003 the USING clause of column \"late\" names column \"late\", which the old version does not have"},
    {"shared",
     {change::column_renamed{"carrier", "airline"}},
     {},
     {{"carrier", "airline"}},
     nullptr,
     "AC003 \"down\" assigns column \"carrier\", which both versions share"},
    {"indexed",
     {retype("day", "integer", "bigint")},
     {},
     {},
     nullptr,
     "AC003 cannot stage column \"day\" because an index or constraint is on it"},
    {"volatile",
     {change::column_added{column_of("r", "double precision", false, "random()")}},
     {},
     {},
     nullptr,
     "AC003 cannot stage column \"r\" with a volatile default"},
    {"ambiguous",
     {retype("city", "text", "integer", "length(city)")},
     {},
     {{"city", "city::text"}},
     nullptr,
     "AC003 an INSERT cannot tell whether column \"city\" was given or left to its default"},
    {"star",
     {retype("delay", "integer", "bigint")},
     {},
     {},
     [](request& r) { r.around.star_consumers = {"billing"}; },
     "AC003 consumers rely on the exact column list of table \"flights\""},
    {"trigger_of_column",
     {change::column_dropped{"delay", false}},
     {},
     {},
     [](request& r) {
       r.around.triggers = {{"t", false, {"delay"}}};
     },
     "AC003 a column-specific trigger stands on columns that the new version does not have"},
    {"trigger_outside",
     {retype("delay", "integer", "bigint")},
     {},
     {},
     [](request& r) {
       r.around.triggers = {{" first", true, {}}};
     },
     "AC003 a BEFORE trigger would run outside the triggers that keep the versions in step"},
    {"published",
     {retype("delay", "integer", "bigint")},
     {},
     {},
     [](request& r) {
       r.around.publications = {{"p", "ALTER PUBLICATION p DROP TABLE t;"}};
     },
     "AC003 a publication would carry the columns of the migration"},
    {"published_column",
     {change::column_dropped{"delay", false}},
     {},
     {},
     [](request& r) {
       r.around.published_columns = {{"p", {"id", "delay"}}};
     },
     "AC003 a publication names columns that the new version does not have"},
    {"published_and_dropped",
     {change::column_dropped{"delay", false}},
     {},
     {},
     [](request& r) {
       r.around.publications = {{"p", "ALTER PUBLICATION p DROP TABLE t;"}};
     },
     "AC003 a publication would carry the columns of the migration"},
    {"not_updatable",
     {retype("delay", "integer", "bigint")},
     {},
     {},
     [](request& r) { r.around.not_updatable = "it publishes updates"; },
     "AC003 rows of table \"flights\" cannot be updated"},
    {"inherited",
     {retype("delay", "integer", "bigint")},
     {},
     {},
     [](request& r) { r.around.inherited = {"delay"}; },
     "AC003 column \"delay\" of table \"flights\" is inherited"},
    {"partition",
     {change::column_renamed{"carrier", "airline"}},
     {},
     {},
     [](request& r) { r.around.is_partition = true; },
     "AC003 table \"flights\" is a partition"},
    {"view",
     {change::column_renamed{"carrier", "airline"}},
     {},
     {},
     [](request& r) { r.versions[0].shape.kind = "view"; },
     "AC003 cannot stage a migration of view \"flights\""},
    {"twin_of_partitions",
     {retype("delay", "integer", "bigint")},
     {},
     {},
     [](request& r) {
       r.versions[0].shape.kind = "partitioned table";
       r.around.keys = {keyed("exclusion", "x", {"delay"})};
     },
     "AC003 cannot stage column \"delay\" with exclusion \"x\" of a partitioned table"},
    {"exclusion_of_partitions",
     {change::constraint_added{constraint_of("exclusion", "x", {"delay"}, "EXCLUDE USING btree (delay WITH =)")}},
     {},
     {},
     [](request& r) { r.versions[0].shape.kind = "partitioned table"; },
     "AC003 cannot add exclusion constraint \"x\" of a partitioned table"},
    {"key_takes_null",
     {change::not_null_dropped{"id"}},
     {},
     {{"id", "coalesce(id, 0)"}},
     [](request& r) { r.around.keys = {keyed("primary key", "flights_pkey", {"id"})}; },
     "42P16 column \"id\" is in a primary key"},
    {"second_primary_key",
     {change::constraint_added{constraint_of("primary key", "p", {"id"}, "PRIMARY KEY (id)")}},
     {},
     {},
     [](request& r) { r.around.keys = {keyed("primary key", "flights_pkey", {"id"})}; },
     "42P16 multiple primary keys for table \"flights\" are not allowed"},
    {"key_that_others_reference",
     {change::constraint_dropped{constraint_of("primary key", "flights_pkey", {"id"}, "PRIMARY KEY (id)")}},
     {},
     {},
     [](request& r) {
       r.around.keys = {keyed("primary key", "flights_pkey", {"id"}), keyed("inbound key", "f", {"id"})};
       r.around.keys[0].twin.unique = true;
       r.around.keys[1].referenced = {"id"};
     },
     "AC003 cannot drop constraint \"flights_pkey\" because foreign keys reference it"},
    {"key_that_the_table_itself_references",
     {change::constraint_dropped{constraint_of("primary key", "flights_pkey", {"id"}, "PRIMARY KEY (id)")}},
     {},
     {},
     [](request& r) {
       r.around.keys = {keyed("primary key", "flights_pkey", {"id"}), keyed("foreign key", "f", {"delay", "id"})};
       r.around.keys[0].twin.unique = true;
       r.around.keys[1].referenced = {"id"};
     },
     "AC003 cannot drop constraint \"flights_pkey\" because foreign keys reference it"},
    {"check_on_shared_column",
     {change::constraint_added{constraint_of("check", "c", {"delay"}, "CHECK ((delay > 0))")}},
     {},
     {},
     nullptr,
     "AC003 cannot stage check constraint \"c\" on columns that both versions share"},
    {"primary_key_on_shared_columns",
     {change::constraint_added{constraint_of("primary key", "p", {"id"}, "PRIMARY KEY (id)")}},
     {},
     {},
     nullptr,
     "AC003 cannot stage primary key constraint \"p\" on columns that both versions share"},
    {"unique_index_on_shared_column",
     {},
     {},
     {},
     [](request& r) {
       r.added_indexes = {{"i", {"delay"}, true}};
     },
     "AC003 cannot stage unique index \"i\" on columns that both versions share"},
    {"up_of_generated",
     {retype("delay", "integer", "bigint")},
     {{"city", "'x'"}},
     {},
     [](request& r) { r.versions[0].shape.columns[3].generated = "carrier"; },
     "AC003 \"up\" assigns generated column \"city\""},
    {"down_of_generated",
     {change::column_dropped{"delay", false}},
     {},
     {{"delay", "0"}},
     [](request& r) { r.versions[0].shape.columns[1].generated = "id * 2"; },
     "AC003 \"down\" assigns generated column \"delay\""},
    {"policy_of_column",
     {change::column_dropped{"delay", false}},
     {},
     {},
     [](request& r) {
       r.around.policies = {{"p", {"delay"}}};
     },
     "AC003 a row-level security policy stands on columns that the new version does not have"},
    {"identity_of_nullable",
     {change::identity_changed{"delay", "", "always", ""}},
     {},
     {},
     nullptr,
     "AC003 cannot stage: add identity of column \"delay\""},
    {"virtual_not_null",
     {change::column_added{generated_column("twice", "delay * 2", "virtual", true)}},
     {},
     {},
     nullptr,
     "AC003 cannot stage virtual generated column \"twice\" with NOT NULL"},
    {"constraint", {change::constraint_added{}}, {}, {}, nullptr, "AC003 cannot stage: add"},
    {"duplicate",
     {change::column_renamed{"carrier", "city"}},
     {},
     {},
     nullptr,
     "42701 column \"city\" of relation \"flights\" already exists"},
    {"missing",
     {change::column_renamed{"nobody", "city2"}},
     {},
     {},
     nullptr,
     "42703 column \"nobody\" of relation \"flights\" does not exist"},
};
INSTANTIATE_TEST_SUITE_P(planner, bad, ::testing::ValuesIn(bad_cases), [](const auto& info) { return std::string(info.param.name); });

TEST(planner, shared_columns_stay_where_they_are_in_a_chain) {
  auto r = base();
  r.versions[0].columns[1].physical = "_accord_6_delay";
  r.defaults["_accord_6_delay"] = std::nullopt;
  r.changes = {change::column_renamed{"carrier", "airline"}, change::not_null_dropped{"day"}};
  r.down = {{"day", "coalesce(day, 1)"}};
  r.around.keys.clear();
  auto p = make_plan(r);
  EXPECT_EQ(map_of(p.made.new_version()), "id delay=_accord_6_delay airline=carrier city day=_accord_7_day");
}

TEST(planner, announces_what_stays_behind) {
  auto r = base();
  r.changes = {change::column_dropped{"day", false}};
  r.down = {{"day", "1"}};
  r.around.keys.push_back(keyed("check", "flights_day_check", {"day"}));
  auto p = make_plan(r);
  ASSERT_EQ(p.announcements.size(), 2u);
  EXPECT_NE(p.announcements[0].find("flights_day_idx"), std::string::npos);
  EXPECT_NE(p.announcements[1].find("flights_day_check"), std::string::npos);
}

std::string twins_of(const migration& m) {
  std::string text;
  for (const auto& c : m.companions)
    text += fmt::format("[{}{} {}]", c.added ? "+" : "", name_of(c.kind), c.name);
  for (const auto& d : m.dropped)
    text += fmt::format("[-{} {}]", name_of(d.kind), d.name);
  return text;
}

TEST(planner, what_stands_on_a_replaced_column_gets_a_twin) {
  auto r = base();
  r.around.keys = {keyed("primary key", "flights_pkey", {"id"}), keyed("index", "i", {"delay", "carrier"}), keyed("check", "c", {"delay"}),
                   keyed("foreign key", "f", {"day"})};
  r.around.traits = {{"delay", {"SET STATISTICS 7"}, {{"SELECT", "reader"}}}, {"carrier", {"SET STATISTICS 8"}, {}}};
  r.around.sequences = {{"public.s", "id", "integer", true}, {"public.t", "day", "integer", false}};
  r.changes = {retype("delay", "integer", "bigint"), retype("id", "integer", "bigint")};
  auto p = make_plan(r);
  EXPECT_EQ(twins_of(p.made), "[primary key flights_pkey][index i][check c]");
  ASSERT_EQ(p.made.traits.size(), 1u);
  EXPECT_EQ(p.made.traits[0].physical, "_accord_7_delay");
  ASSERT_EQ(p.made.sequences.size(), 1u);
  EXPECT_EQ(p.made.sequences[0].name, "public.s");
}

TEST(planner, a_constraint_that_is_dropped_has_no_twin) {
  auto r = base();
  r.around.keys = {keyed("check", "on_delay", {"delay"}), keyed("check", "on_day", {"day"})};
  r.changes = {retype("delay", "integer", "bigint"), change::constraint_dropped{constraint_of("check", "on_delay", {"delay"}, "")},
               change::constraint_dropped{constraint_of("check", "on_day", {"day"}, "")}};
  auto p = make_plan(r);
  EXPECT_EQ(twins_of(p.made), "[-check on_day]");
  EXPECT_EQ(p.announcements.size(), 2u);
}

TEST(planner, what_is_added_needs_a_column_of_its_own) {
  auto r = base();
  r.around.keys.clear();
  r.added_indexes = {{"i", {"carrier"}, false}};
  r.changes = {change::column_added{column_of("gate", "text")},
               change::constraint_added{constraint_of("check", "a", {"gate"}, "CHECK ((gate <> ''))")},
               change::constraint_added{constraint_of("unique", "b", {"carrier", "delay"}, "UNIQUE (carrier, delay)")}};
  r.up = {{"delay", "greatest(delay, 0)"}};
  r.down = {{"delay", "delay"}};
  auto p = make_plan(r);
  EXPECT_EQ(twins_of(p.made), "[+check a][+unique b][+index i]");
  EXPECT_EQ(p.announcements.size(), 1u);
}

TEST(planner, the_same_request_gives_the_same_plan) {
  auto r = base();
  r.changes = {retype("delay", "integer", "bigint")};
  EXPECT_EQ(make_plan(r).expand, make_plan(r).expand);
}

}  // namespace
}  // namespace accord::plan
