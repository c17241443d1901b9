// The statements of the steps: a completed and undone migration is where it began, renames never meet, views keep their defaults.
#include "plan/steps.hpp"

#include <gtest/gtest.h>
#include <set>

#include "plan/children.hpp"
#include "plan/companion_steps.hpp"
#include "plan/view_sql.hpp"
#include "plan/widening.hpp"

namespace accord::plan {
namespace {

core::column make_column(std::string name, std::string type, std::optional<std::string> default_expression = {}, bool not_null = false) {
  core::column c;
  c.name = std::move(name);
  c.type.text = c.type.base = std::move(type);
  c.type.kind = "b";
  c.default_expression = std::move(default_expression);
  c.not_null = not_null;
  return c;
}

// t(id, size integer DEFAULT 5, name, gone) -> t(id, size text DEFAULT 'm' NOT NULL, title)
migration sample() {
  migration m;
  m.id = 3;
  m.contract = 1;
  m.table = {"public", "t"};
  m.owner = "o";
  live_version v1, v2;
  v1.version = {1, 0, 0};
  v1.shape.relation = v2.shape.relation = m.table;
  v1.shape.columns = {make_column("id", "integer"), make_column("size", "integer", "5"), make_column("name", "text"),
                      make_column("gone", "text")};
  v1.columns = {{"id", "id", {}}, {"size", "size", {}}, {"name", "name", {}}, {"gone", "gone", {}}};
  v1.view = {"t_v1", "t"};
  v2.version = {2, 0, 0};
  v2.shape.columns = {make_column("id", "integer"), make_column("size", "text", "'m'::text", true), make_column("title", "text")};
  v2.columns = {{"id", "id", {}}, {"size", "_accord_3_size", "'m'::text"}, {"title", "name", {}}};
  v2.view = {"t_v2", "t"};
  m.versions = {v1, v2};
  m.from = 1;
  m.to = 2;
  m.transforms = {{{"size"}, {"size"}, {"u(size)"}, {std::string("d(size)")}}};
  m.marker = "_accord_3_pending";
  m.defaults = {{"id", {}}, {"size", "5"}, {"name", {}}, {"gone", {}}, {"_accord_3_size", {}}};
  return m;
}

std::string all(const std::vector<statement>& statements) {
  std::string text;
  for (const auto& s : statements)
    text += s.sql + "\n";
  return text;
}

// sample() with a table below that has another default, and defines size and gone itself too.
migration sample_tree() {
  auto m = sample();
  m.transforms.front().origins = {"size"};
  auto before = m.old_version().shape, after = m.new_version().shape;
  before.columns[1].default_expression = "7";
  after.columns[1].default_expression = "'l'::text";
  auto child = child_of(m, {"public", "c"}, before, after);
  child.parents = {m.table};
  child.local = {"size", "gone"};
  child.local_not_null = {"size"};
  child.defaults = m.defaults;
  child.defaults["size"] = "7";
  m.children = {child};
  return m;
}

TEST(steps, a_child_defines_its_own_columns_before_it_inherits_them) {
  auto sql = all(expand_steps(sample_tree()));
  auto own = sql.find("ALTER TABLE public.c ADD COLUMN _accord_3_size text\n"),
       inherited = sql.find("ALTER TABLE public.t ADD COLUMN _accord_3_size text, ADD COLUMN _accord_3_pending boolean DEFAULT true\n");
  EXPECT_LT(own, inherited);
  EXPECT_NE(inherited, std::string::npos);
}

TEST(steps, a_child_has_defaults_of_its_own_and_keeps_what_its_parents_drop) {
  auto done = complete_steps(sample_tree());
  auto sql = all(done.statements);
  EXPECT_NE(sql.find("ALTER TABLE ONLY public.t ALTER COLUMN _accord_3_old_size DROP DEFAULT, ALTER COLUMN size SET DEFAULT 'm'::text\n"),
            std::string::npos);
  EXPECT_NE(sql.find("ALTER TABLE ONLY public.c ALTER COLUMN _accord_3_old_size DROP DEFAULT, ALTER COLUMN size SET DEFAULT 'l'::text\n"),
            std::string::npos);
  EXPECT_NE(
      all(purge_steps(done.after))
          .find("ALTER TABLE public.c RENAME COLUMN _accord_3_old_gone TO gone\nALTER TABLE public.c DROP COLUMN _accord_3_old_size\n"),
      std::string::npos);
  auto undone = undo_steps(done.after).after.children.front();
  EXPECT_EQ(undone.defaults, sample_tree().children.front().defaults);
  EXPECT_EQ(undone.versions, sample_tree().children.front().versions);
  EXPECT_EQ(undone.local, sample_tree().children.front().local);
  EXPECT_EQ(undone.local_not_null, sample_tree().children.front().local_not_null);
}

TEST(steps, complete_gives_the_table_the_new_names) {
  auto done = complete_steps(sample());
  std::set<std::string> physical;
  for (const auto& c : done.after.new_version().columns) {
    EXPECT_EQ(c.name, c.physical);
    EXPECT_FALSE(c.view_default);
  }
  EXPECT_EQ(done.after.old_version().find("size")->physical, "_accord_3_old_size");
  EXPECT_EQ(done.after.old_version().find("size")->view_default, "5");
  EXPECT_EQ(done.after.old_version().find("name")->physical, "title");
  EXPECT_EQ(all(done.statements),
            "ALTER TABLE public.t RENAME COLUMN size TO _accord_3_old_size\n"
            "ALTER TABLE public.t RENAME COLUMN gone TO _accord_3_old_gone\n"
            "ALTER TABLE public.t RENAME COLUMN _accord_3_size TO size\n"
            "ALTER TABLE public.t RENAME COLUMN name TO title\n"
            "ALTER TABLE public.t ALTER COLUMN _accord_3_old_size DROP DEFAULT, ALTER COLUMN size SET DEFAULT 'm'::text\n"
            "ALTER VIEW t_v1.t ALTER COLUMN size SET DEFAULT 5\n"
            "ALTER VIEW t_v2.t ALTER COLUMN size DROP DEFAULT\n"
            "ALTER TABLE public.t ALTER COLUMN size SET NOT NULL\n");
}

TEST(steps, undo_leads_back_to_where_complete_began) {
  auto before = sample();
  auto undone = undo_steps(complete_steps(before).after).after;
  EXPECT_EQ(undone.versions, before.versions);
  EXPECT_EQ(undone.defaults, before.defaults);
  EXPECT_EQ(undone.table, before.table);
}

TEST(steps, rollback_drops_only_what_stage_added) {
  EXPECT_EQ(all(rollback_steps(sample())),
            "DROP VIEW t_v2.t\nDROP SCHEMA t_v2\nDROP VIEW t_v1.t\nDROP SCHEMA t_v1\n"
            "DROP TRIGGER IF EXISTS \"!accord_sync\" ON public.t\nDROP TRIGGER IF EXISTS \"~accord_sync\" ON public.t\n"
            "ALTER TABLE public.t DROP COLUMN _accord_3_size, DROP COLUMN _accord_3_pending\n");
  auto m = sample();
  m.other_migrations = true;
  m.old_view_is_ours = false;
  EXPECT_EQ(all(rollback_steps(m)),
            "DROP VIEW t_v2.t\nDROP SCHEMA t_v2\nALTER TABLE public.t DROP COLUMN _accord_3_size, DROP COLUMN _accord_3_pending\n");
}

TEST(steps, purge_drops_only_the_old_version) {
  EXPECT_EQ(all(purge_steps(complete_steps(sample()).after)),
            "DROP VIEW t_v1.t\nDROP SCHEMA t_v1\n"
            "DROP TRIGGER IF EXISTS \"!accord_sync\" ON public.t\nDROP TRIGGER IF EXISTS \"~accord_sync\" ON public.t\n"
            "ALTER TABLE public.t DROP CONSTRAINT _accord_3_not_null_size, DROP COLUMN _accord_3_old_size, DROP COLUMN _accord_3_old_gone, "
            "DROP COLUMN _accord_3_pending\n");
}

TEST(steps, a_partitioned_table_gets_its_indexes_from_its_partitions) {
  auto m = sample();
  m.versions[0].shape.kind = "partitioned table";
  companion c;
  c.kind = companion_kind::unique;
  c.name = "u";
  c.definition = "USING btree (_accord_3_size) NULLS NOT DISTINCT";
  c.unique = true;
  c.partitions = {{{"public", "t_x"}, "x_u", "_accord_3_x_u", "", false},
                  {{"far", "t_y"}, "y_u", "_accord_3_y_u", "public._accord_3_x_u", true}};
  m.companions = {c};
  auto builds = index_builds(m);
  ASSERT_EQ(builds.size(), 1);
  EXPECT_EQ(builds[0].step.sql,
            "CREATE UNIQUE INDEX CONCURRENTLY _accord_3_y_u ON far.t_y USING btree (_accord_3_size) NULLS NOT DISTINCT");
  EXPECT_EQ(builds[0].index.sql(), "far._accord_3_y_u");
  EXPECT_EQ(all(take_in_steps(m)),
            "ALTER TABLE ONLY public.t ADD CONSTRAINT _accord_3_u UNIQUE NULLS NOT DISTINCT (_accord_3_size)\n"
            "ALTER TABLE ONLY public.t_x ADD CONSTRAINT _accord_3_x_u UNIQUE NULLS NOT DISTINCT (_accord_3_size)\n"
            "ALTER TABLE far.t_y ADD CONSTRAINT _accord_3_y_u UNIQUE USING INDEX _accord_3_y_u\n"
            "ALTER INDEX public._accord_3_u ATTACH PARTITION public._accord_3_x_u\n"
            "ALTER INDEX public._accord_3_x_u ATTACH PARTITION far._accord_3_y_u\n");
  auto sql = all(complete_steps(m).statements);
  EXPECT_NE(sql.find("ALTER INDEX far.y_u RENAME TO _accord_3_old_y_u\nALTER INDEX far._accord_3_y_u RENAME TO y_u\n"), std::string::npos)
      << sql;
}

TEST(steps, a_new_table_name_is_taken_on_completion_and_given_back) {
  auto m = sample();
  m.versions[1].shape.relation.name = "things";
  auto done = complete_steps(m);
  EXPECT_EQ(done.after.table.name, "things");
  EXPECT_EQ(done.statements.back().sql, "ALTER TABLE public.t RENAME TO things");
  EXPECT_EQ(undo_steps(done.after).after.table.name, "t");
}

TEST(steps, twins_take_the_names_and_give_them_back) {
  auto m = sample();
  auto with = [&](companion_kind kind, std::string name, std::string definition) {
    companion c;
    c.kind = kind;
    c.name = std::move(name);
    c.definition = std::move(definition);
    c.unique = kind == companion_kind::unique || kind == companion_kind::primary_key;
    m.companions.push_back(std::move(c));
  };
  with(companion_kind::primary_key, "p", "USING btree (_accord_3_size)");
  with(companion_kind::index, "i", "USING btree (lower(_accord_3_size))");
  with(companion_kind::unique, "u", "USING btree (_accord_3_size)");
  with(companion_kind::check, "c", "CHECK ((_accord_3_size <> ''::text))");
  m.companions[1].clustered = true;
  m.companions[2].deferrable = true;
  EXPECT_NE(all(expand_steps(m)).find("ADD CONSTRAINT \"~accord_3_c\" CHECK ((_accord_3_size <> ''::text)) NOT VALID"), std::string::npos);
  EXPECT_EQ(index_builds(m, m.companions[1]).at(0).step.sql,
            "CREATE INDEX CONCURRENTLY _accord_3_i ON public.t USING btree (lower(_accord_3_size))");
  EXPECT_EQ(all(validate_steps(m)),
            "ALTER TABLE public.t VALIDATE CONSTRAINT _accord_3_not_null_size\nALTER TABLE public.t VALIDATE CONSTRAINT \"~accord_3_c\"\n");
  EXPECT_EQ(all(activate_steps(m)), "ALTER TABLE public.t ADD CONSTRAINT _accord_3_u UNIQUE USING INDEX _accord_3_u DEFERRABLE\n");
  auto names = [](const std::vector<statement>& statements) {
    std::string text;
    for (const auto& s : statements)
      if (s.sql.find("RENAME COLUMN") == std::string::npos && s.sql.find("DEFAULT") == std::string::npos &&
          s.sql.find("NOT NULL") == std::string::npos)
        text += s.sql + "\n";
    return text;
  };
  auto done = complete_steps(m);
  EXPECT_EQ(names(done.statements),
            "ALTER INDEX public.p RENAME TO _accord_3_old_p\n"
            "SELECT accord_catalog.move_primary_key('public.t', '_accord_3_p')\n"
            "ALTER INDEX public._accord_3_p RENAME TO p\n"
            "ALTER INDEX public.i RENAME TO _accord_3_old_i\n"
            "ALTER INDEX public._accord_3_i RENAME TO i\n"
            "ALTER TABLE public.t CLUSTER ON i\n"
            "ALTER TABLE public.t RENAME CONSTRAINT u TO _accord_3_old_u\n"
            "ALTER TABLE public.t RENAME CONSTRAINT _accord_3_u TO u\n"
            "ALTER TABLE public.t RENAME CONSTRAINT c TO \"~accord_3_old_c\"\n"
            "ALTER TABLE public.t RENAME CONSTRAINT \"~accord_3_c\" TO c\n");
  EXPECT_EQ(names(undo_steps(done.after).statements),
            "ALTER INDEX public.p RENAME TO _accord_3_p\n"
            "SELECT accord_catalog.move_primary_key('public.t', '_accord_3_old_p')\n"
            "ALTER INDEX public._accord_3_old_p RENAME TO p\n"
            "ALTER INDEX public.i RENAME TO _accord_3_i\n"
            "ALTER INDEX public._accord_3_old_i RENAME TO i\n"
            "ALTER TABLE public.t CLUSTER ON i\n"
            "ALTER TABLE public.t RENAME CONSTRAINT u TO _accord_3_u\n"
            "ALTER TABLE public.t RENAME CONSTRAINT _accord_3_old_u TO u\n"
            "ALTER TABLE public.t RENAME CONSTRAINT c TO \"~accord_3_c\"\n"
            "ALTER TABLE public.t RENAME CONSTRAINT \"~accord_3_old_c\" TO c\n");
}

TEST(view_sql, a_default_falls_through_to_the_table_only_where_it_is_the_same) {
  EXPECT_EQ(view_default(make_column("a", "integer", "5"), "5"), std::nullopt);
  EXPECT_EQ(view_default(make_column("a", "integer", "6"), "5"), "6");
  EXPECT_EQ(view_default(make_column("a", "integer"), "5"), "CAST(NULLIF('', '') AS integer)");
  EXPECT_EQ(view_default(make_column("a", "integer"), std::nullopt), std::nullopt);
}

TEST(view_sql, a_view_that_is_there_gets_the_columns_that_it_lacks) {
  auto m = sample();
  m.old_view_is_ours = false;
  EXPECT_EQ(all(expand_steps(m)).find("t_v1"), std::string::npos);
  m.old_view_lacks_columns = true;
  EXPECT_NE(all(expand_steps(m)).find("CREATE OR REPLACE VIEW t_v1.t WITH (security_invoker = true) AS"), std::string::npos);
}

TEST(view_sql, never_more_rights_than_a_view_can_give) {
  auto sql =
      grant_view(sample().new_version(),
                 {{"r", "SELECT", "", false}, {"r", "TRUNCATE", "", false}, {"public", "INSERT", "", true}, {"r", "UPDATE", "id", false}});
  EXPECT_EQ(sql, (std::vector<std::string>{"GRANT SELECT ON t_v2.t TO r", "GRANT INSERT ON t_v2.t TO PUBLIC WITH GRANT OPTION"}));
}

core::column_type base_type(std::string text) {
  core::column_type t;
  t.base = text.substr(0, text.find('('));
  t.text = std::move(text);
  t.kind = "b";
  return t;
}

TEST(widening, pairs) {
  const std::pair<const char*, const char*> wide[] = {{"integer", "bigint"},
                                                      {"smallint", "numeric"},
                                                      {"real", "double precision"},
                                                      {"character varying(10)", "character varying(20)"},
                                                      {"character varying(10)", "text"},
                                                      {"character varying(10)", "character varying"},
                                                      {"numeric(8,2)", "numeric"},
                                                      {"integer[]", "bigint[]"}};
  const std::pair<const char*, const char*> narrow[] = {{"bigint", "integer"},
                                                        {"integer", "integer"},
                                                        {"integer", "numeric(4,0)"},
                                                        {"text", "character varying(10)"},
                                                        {"character varying(20)", "character varying(10)"},
                                                        {"integer", "double precision"},
                                                        {"text", "integer"},
                                                        {"numeric", "numeric(8,2)"},
                                                        {"bigint[]", "integer[]"},
                                                        {"integer[]", "bigint"},
                                                        {"integer", "bigint[]"}};
  for (auto [from, to] : wide)
    EXPECT_TRUE(is_widening(base_type(from), base_type(to))) << from << " to " << to;
  for (auto [from, to] : narrow)
    EXPECT_FALSE(is_widening(base_type(from), base_type(to))) << from << " to " << to;
}

TEST(has_sure_way_back, also_where_what_does_not_fit_is_refused_but_not_where_it_is_rounded) {
  auto sure = [](const char* from, const char* to) { return has_sure_way_back(base_type(from), base_type(to)); };
  EXPECT_TRUE(sure("bigint", "integer"));
  EXPECT_TRUE(sure("text", "character varying(10)"));
  EXPECT_TRUE(sure("character varying(20)", "character varying(10)"));
  EXPECT_TRUE(sure("bigint[]", "integer[]"));
  EXPECT_TRUE(sure("integer", "bigint"));
  EXPECT_FALSE(sure("numeric", "numeric(8,2)"));
  EXPECT_FALSE(sure("numeric", "integer"));
  EXPECT_FALSE(sure("numeric[]", "integer[]"));
  EXPECT_FALSE(sure("double precision", "real"));
  EXPECT_FALSE(sure("text", "integer"));
}

}  // namespace
}  // namespace accord::plan
