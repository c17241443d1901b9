// Columns that move to another table: what becomes a move, what is refused, and the statements that keep both tables in step.
#include "plan/moves.hpp"

#include <cctype>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/failure.hpp"
#include "plan/move_sql.hpp"
#include "plan/move_steps.hpp"

namespace accord::plan {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// The words of an expression but those before a point.
std::vector<std::string> columns_named(std::string_view text) {
  std::vector<std::string> found;
  std::string word;
  for (char c : std::string(text) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
      word += c;
    } else {
      if (!word.empty() && c != '.') found.push_back(word);
      word.clear();
    }
  }
  return found;
}

// customer(id PK, name, street, city) -> address(customer_id PK, street NOT NULL, city, note)
struct moving {
  request r;
  std::vector<std::string> removed{"street", "city"}, replaced{"street", "city"}, added;
  live_version after;

  moving() {
    r.owner = "ops";
    r.table = {"public", "customer"};
    r.columns_of = columns_named;
    live_version v;
    v.version = {1, 0, 0};
    v.shape.relation = r.table;
    v.shape.kind = "table";
    for (const char* name : {"id", "name", "street", "city"}) {
      core::column c;
      c.name = name;
      c.type.text = c.name == "id" ? "integer" : "text";
      v.shape.columns.push_back(c);
      v.columns.push_back({name, name, std::nullopt});
    }
    r.versions = {v};
    other_table t;
    t.name = {"public", "address"};
    t.kind = "table";
    t.owner = "ops";
    t.columns = {{"customer_id", "integer", true}, {"street", "text", true}, {"city", "text"}, {"note", "text"}};
    t.keys = {{"customer_id"}};
    t.references = {{"address_customer_id_fkey", {"customer_id"}, {"id"}, {"OPERATOR(pg_catalog.=)"}}};
    r.moves = {{t, false, false, {{"street", "street"}, {"city", "customer.city"}}, {}}};
  }
  other_table& target() { return r.moves[0].target; }
  std::vector<std::string> announced;
  std::vector<move> plan() { return plan_moves(r, {r.versions.back(), after, removed, replaced, added}, announced); }
};

TEST(moves, columns_as_they_are_need_no_way_back) {
  auto moves = moving().plan();
  ASSERT_EQ(moves.size(), 1U);
  const auto& m = moves.front();
  EXPECT_FALSE(m.link);
  EXPECT_THAT(m.key, ElementsAre("id"));
  EXPECT_THAT(m.target_key, ElementsAre("customer_id"));
  EXPECT_THAT(m.columns, ElementsAre("street", "city"));
  EXPECT_THAT(m.source_columns, ElementsAre("street", "city"));
  EXPECT_THAT(m.pull, ElementsAre("street", "city"));
  EXPECT_THAT(m.absent, ElementsAre("NULL", "NULL"));
}

TEST(moves, a_key_of_reference_and_value_makes_a_link) {
  moving asked;
  asked.target().keys = {{"city", "customer_id"}};
  asked.target().columns[1].not_null = false;
  asked.r.moves[0].up = {{"city", "city"}};
  auto moves = asked.plan();
  EXPECT_TRUE(moves.front().link);
  EXPECT_THAT(moves.front().source_columns, ElementsAre("city"));
}

TEST(moves, are_refused_with_what_to_write_instead) {
  struct refusal {
    const char* why;
    std::function<void(moving&)> change;
    const char* hint;
  };
  const refusal all[] = {
      {"No foreign key", [](moving& m) { m.target().references.clear(); }, "PRIMARY KEY REFERENCES customer"},
      {"more than once", [](moving& m) { m.target().references.push_back(m.target().references[0]); }, "purged"},
      {"deferrable", [](moving& m) { m.target().references[0].deferrable = true; }, "DEFERRABLE"},
      {"is changed too", [](moving& m) { m.replaced.push_back("id"); }, "Stage the change of the key first"},
      {"of type bigint", [](moving& m) { m.target().columns[0].type = "bigint"; }, "same type"},
      {"belongs to \"other\"", [](moving& m) { m.target().owner = "other"; }, "ALTER TABLE address OWNER TO ops;"},
      {"no partition that could take a row",
       [](moving& m) {
         m.target().kind = "partitioned table";
         m.target().has_partitions = false;
       },
       "Add to the DDL: CREATE TABLE ... PARTITION OF address"},
      {"and is partitioned",
       [](moving& m) {
         m.target().kind = "partitioned table";
         m.target().has_partitions = true;
         m.target().keys = {{"customer_id", "street", "city"}};
       },
       "an ordinary table"},
      {"It is a partition", [](moving& m) { m.target().kind = "partition"; }, "to an ordinary or a partitioned table only"},
      {"several rows for one row", [](moving& m) { m.target().keys.clear(); }, "PRIMARY KEY (customer_id, street, city)"},
      {"Column \"note\" takes no NULL", [](moving& m) { m.target().columns[3].not_null = true; }, "address.note = ..."},
      {"Column \"city\" takes no NULL", [](moving& m) { m.r.versions[0].shape.columns[3].not_null = true; }, "SET DEFAULT"},
      {"is computed from it", [](moving& m) { m.r.moves[0].up[0].expression = "upper(street)"; }, "street = address.street"},
      {"has too",
       [](moving& m) {
         m.r.moves[0].down = {{"name", "address.note"}};
       },
       "DROP COLUMN name"},
      {"No column of the old version moves", [](moving& m) { m.removed.clear(); }, "Drop the columns that move"},
      {"says nothing about it", [](moving& m) { m.r.moves[0].up.clear(); }, "up => "},
      {"says to which row",
       [](moving& m) {
         m.r.moves[0].up.push_back({"customer_id", "id + 1"});
       },
       "Leave it out"},
      {"must be a column of the old version as it is",
       [](moving& m) {
         m.target().keys = {{"customer_id", "street", "city"}};
         m.r.moves[0].up[0].expression = "upper(street)";
         m.r.moves[0].down = {{"street", "address.street"}};
       },
       "without expressions"},
      {"has a default",
       [](moving& m) {
         m.target().keys = {{"customer_id", "street", "city"}};
         m.r.versions[0].shape.columns[2].default_expression = "'x'";
       },
       "DROP DEFAULT"},
  };
  for (const auto& [why, change, hint] : all) {
    SCOPED_TRACE(why);
    moving asked;
    change(asked);
    try {
      asked.plan();
      ADD_FAILURE() << "not refused";
    } catch (const core::failure& f) {
      EXPECT_EQ(f.sqlstate, "AC003");
      EXPECT_THAT(f.detail, HasSubstr(why));
      EXPECT_THAT(f.hint, HasSubstr(hint));
    }
  }
}

move_place place(bool link) {
  moving asked;
  if (link) {
    asked.target().keys = {{"customer_id", "city"}};
    asked.target().columns[1].not_null = false;
    asked.r.moves[0].up = {{"city", "city"}};
  }
  move_place p{asked.plan().front(), asked.r.table, {"public", "address"}, "_accord_7_pending", {"customer", {}}, {"address", {}}};
  for (const auto& c : asked.r.versions[0].shape.columns)
    p.version.columns.push_back({c.name, c.name == "city" ? "_accord_7_old_city" : c.name, c.type.text, {}});
  for (const auto& c : asked.target().columns)
    p.target_columns.columns.push_back({c.name, c.name, c.type, {}});
  return p;
}

// customer(id PK, name) <- address(customer_id PK, street NOT NULL, city, note)
struct arriving : moving {
  arriving() {
    after = r.versions[0];
    after.version = {2, 0, 0};
    auto lose = [](live_version& v, bool lost) {
      std::erase_if(v.columns, [&](const auto& c) { return lost && (c.name == "street" || c.name == "city"); });
      std::erase_if(v.shape.columns, [&](const auto& c) { return lost && (c.name == "street" || c.name == "city"); });
    };
    lose(r.versions[0], true);
    removed.clear();
    replaced.clear();
    added = {"street", "city"};
    r.moves[0].arrives = true;
    r.moves[0].up = {{"street", "address.street"}, {"city", "city"}};
  }
};

TEST(moves, columns_arrive_the_same_way) {
  arriving asked;
  auto m = asked.plan().front();
  EXPECT_TRUE(m.arrives);
  EXPECT_THAT(m.source_columns, ElementsAre("street", "city"));
  EXPECT_THAT(m.pull, ElementsAre("address.street", "city"));
  EXPECT_THAT(m.columns, ElementsAre("street", "city"));
  EXPECT_THAT(m.push, ElementsAre("street", "city"));
  EXPECT_THAT(asked.announced, Contains(HasSubstr("Column \"note\" of table \"address\" does not move")));
}

TEST(moves, that_arrive_are_refused_with_what_to_write_instead) {
  struct refusal {
    const char* why;
    std::function<void(arriving&)> change;
    const char* hint;
  };
  const refusal all[] = {
      {"No foreign key", [](arriving& m) { m.target().references.clear(); }, "ALTER TABLE address ADD FOREIGN KEY"},
      {"more than once", [](arriving& m) { m.target().references.push_back(m.target().references[0]); }, "Drop the other"},
      {"deferrable", [](arriving& m) { m.target().references[0].deferrable = true; }, "NOT DEFERRABLE"},
      {"the old version of \"customer\" has too", [](arriving& m) { m.added = {"city"}; }, "ADD COLUMN"},
      {"several rows for one row", [](arriving& m) { m.target().keys.clear(); }, "PRIMARY KEY (customer_id, street, city)"},
      {"Column \"note\" takes no NULL", [](arriving& m) { m.target().columns[3].not_null = true; }, "down => $accord$address.note = ..."},
      {"Column \"city\" takes no NULL", [](arriving& m) { m.after.shape.columns[3].not_null = true; }, "Give it a default"},
      {"Column \"street\" is computed from it", [](arriving& m) { m.r.moves[0].up[0].expression = "upper(street)"; },
       "address.street = street"},
      {"takes none from it",
       [](arriving& m) {
         m.r.moves[0].down = {{"street", "street"}};
         m.r.moves[0].up.clear();
       },
       "up => "},
      {"reads no column of it but its key",
       [](arriving& m) {
         m.r.moves[0].up = {{"city", "customer_id"}};
       },
       "leave the table out"},
      {"can hold none",
       [](arriving& m) {
         m.target().keys = {{"customer_id", "street", "city"}};
       },
       "SET NOT NULL"},
  };
  for (const auto& [why, change, hint] : all) {
    SCOPED_TRACE(why);
    arriving asked;
    change(asked);
    try {
      asked.plan();
      ADD_FAILURE() << "not refused";
    } catch (const core::failure& f) {
      EXPECT_EQ(f.sqlstate, "AC003");
      EXPECT_THAT(f.message + f.detail, HasSubstr(why));
      EXPECT_THAT(f.hint, HasSubstr(hint));
    }
  }
}

TEST(move_sql, where_columns_arrive_a_row_that_is_left_is_marked_otherwise_than_one_that_is_not_filled) {
  arriving asked;
  move_place p{asked.plan().front(), asked.r.table, {"public", "address"}, "_accord_7_pending", {"customer", {}}, {"address", {}}};
  for (const auto& c : asked.after.shape.columns)
    p.version.columns.push_back({c.name, c.name, c.type.text, {}});
  for (const auto& c : asked.target().columns)
    p.target_columns.columns.push_back({c.name, c.name, c.type, {}});
  auto sql = statements_of(p);
  EXPECT_THAT(sql.mark, HasSubstr("SET _accord_7_pending = false"));
  EXPECT_THAT(sql.lock_source, HasSubstr("_accord_7_pending IS false"));
  EXPECT_THAT(sql.read_first, Not(HasSubstr("_accord_row")));
  EXPECT_THAT(count_lost(p), HasSubstr("NOT EXISTS"));
  EXPECT_EQ(check_name(p.what), "address (street, city) -> street, city");
  EXPECT_FALSE(can_lose_rows(p.what, false));
  EXPECT_TRUE(can_lose_rows(p.what, true));
}

TEST(move_sql, reads_one_side_and_writes_the_other) {
  auto sql = statements_of(place(false));
  EXPECT_THAT(sql.read_source, HasSubstr("FROM (SELECT _accord_row.id AS id, _accord_row.name AS name, _accord_row.street AS street, "
                                         "_accord_row._accord_7_old_city AS city) AS customer"));
  EXPECT_THAT(sql.read_source, HasSubstr("WHERE _accord_row.id OPERATOR(pg_catalog.=) $1"));
  EXPECT_EQ(sql.insert,
            "INSERT INTO public.address (customer_id, street, city) VALUES ($1, $2, $3) ON CONFLICT (customer_id) DO UPDATE SET street = "
            "EXCLUDED.street, city = EXCLUDED.city");
  EXPECT_THAT(sql.update, HasSubstr("FOR NO KEY UPDATE SKIP LOCKED"));
  EXPECT_EQ(sql.write_source,
            "UPDATE ONLY public.customer AS _accord_row SET street = $2, _accord_7_old_city = $3 WHERE _accord_row.id "
            "OPERATOR(pg_catalog.=) $1");
}

TEST(move_sql, rows_of_a_partitioned_table_are_in_its_partitions) {
  for (bool link : {false, true}) {
    auto p = place(link);
    p.partitioned = true;
    auto sql = statements_of(p);
    for (const auto& text : {sql.read_source, sql.insert, sql.update, sql.remove, sql.read_target, sql.lock_source, sql.source_exists,
                             sql.lock_source_for_insert, sql.write_source, sql.mark, sql.unmark, sql.empty_source, count_mismatches(p),
                             sample_mismatches(p, 1), count_lost(p), sample_lost(p, 1)}) {
      SCOPED_TRACE(text);
      EXPECT_THAT(text, Not(HasSubstr("ONLY public.customer")));
    }
    EXPECT_THAT(sql.write_source, HasSubstr("UPDATE public.customer AS _accord_row"));
    EXPECT_THAT(read_source_in(p, {"far", "customer_1"}), HasSubstr("FROM ONLY far.customer_1 AS _accord_row"));
  }
}

TEST(moves, from_a_partitioned_table_tell_what_its_partitions_cannot_do_any_more) {
  moving asked;
  asked.r.versions[0].shape.kind = "partitioned table";
  EXPECT_FALSE(asked.plan().front().link);
  EXPECT_THAT(asked.announced, Contains(HasSubstr("a partition is detached only when no row of \"address\" belongs to one of its rows")));
}

// What writes runs under the search_path of a client: no name and no operator is looked for there.
TEST(move_sql, what_writes_names_every_operator_with_its_schema) {
  for (bool link : {false, true}) {
    auto sql = statements_of(place(link));
    for (const auto& text : {sql.insert, sql.update, sql.remove, sql.remove_one, sql.erase, sql.rename, sql.write_source, sql.mark,
                             sql.unmark, sql.empty_source}) {
      SCOPED_TRACE(text);
      EXPECT_THAT(text, Not(HasSubstr("DISTINCT")));
      auto conditions = text.find(" WHERE ");
      if (conditions == std::string::npos) continue;
      EXPECT_EQ(text.find(" = ", conditions), std::string::npos);
    }
  }
}

TEST(move_sql, of_a_link_one_row_is_chosen) {
  auto sql = statements_of(place(true));
  EXPECT_THAT(sql.read_target, HasSubstr("ORDER BY "));
  EXPECT_THAT(sql.read_target, HasSubstr("LIMIT 1"));
  EXPECT_THAT(sql.insert, HasSubstr("ON CONFLICT (customer_id, city) DO NOTHING"));
  EXPECT_THAT(count_mismatches(place(true)), HasSubstr("EXISTS"));
}

TEST(move_steps, triggers_run_before_those_that_check_foreign_keys) {
  EXPECT_LT(move_trigger_name(7, 1), std::string("RI_ConstraintTrigger_a_1"));
  EXPECT_LT(move_lock_trigger(7, 1), std::string("a"));
}

}  // namespace
}  // namespace accord::plan
