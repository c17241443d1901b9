// The text of verification queries: scopes, comparisons, quoting.
#include "plan/verify_sql.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace accord::plan {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const verify_column old_delay{"delay", "delay", "integer", "", true, true};
const verify_column new_delay{"delay", "_accord_1_delay", "interval", "", true, true};
const verify_column id{"id", "id", "integer", "", true, true};
const verify_column odd{"o\"dd", "o\"dd", "text", "pg_catalog.\"C\"", true, true};
const verify_column json{"note", "_accord_1_note", "json", "", false, false};

verify_table flights() {
  return {{"public", "flights"}, "_accord_1_pending", {"id"}, {"flights", {id, old_delay}}, {"flights", {id, new_delay}}};
}

TEST(verify_sql, compares_both_ways_over_the_names_of_each_version) {
  verify_transform t{{old_delay}, {new_delay}, {"make_interval(mins => delay)"}, {"minutes(delay)"}};
  auto sql = count_mismatches(flights(), t);
  EXPECT_THAT(sql, HasSubstr("FROM public.flights AS _accord_row"));
  EXPECT_THAT(sql, HasSubstr("CAST((make_interval(mins => delay)) AS interval) AS v0 FROM (SELECT _accord_row.id AS id, _accord_row.delay "
                             "AS delay) AS flights"));
  EXPECT_THAT(
      sql,
      HasSubstr(
          "CAST((minutes(delay)) AS integer) AS v0 FROM (SELECT _accord_row.id AS id, _accord_row._accord_1_delay AS delay) AS flights"));
  EXPECT_THAT(
      sql, HasSubstr("_accord_row._accord_1_pending IS NOT TRUE AND NOT ((_accord_row._accord_1_delay IS NOT DISTINCT FROM _accord_up.v0)"
                     " OR (_accord_row.delay IS NOT DISTINCT FROM _accord_down.v0))"));
  EXPECT_EQ(check_name(t), "delay -> delay");
}

TEST(verify_sql, leaves_the_way_back_out_where_there_is_none) {
  verify_transform t{{old_delay}, {new_delay}, {"up"}, {std::nullopt}};
  auto sql = count_mismatches(flights(), t);
  EXPECT_THAT(sql, Not(HasSubstr("_accord_down")));
  EXPECT_THAT(sql, HasSubstr("NOT (_accord_row._accord_1_delay IS NOT DISTINCT FROM _accord_up.v0)"));
}

TEST(verify_sql, compares_what_has_no_equality_by_its_image) {
  verify_transform t{{old_delay}, {json}, {"up"}, {std::nullopt}};
  EXPECT_THAT(count_mismatches(flights(), t), HasSubstr("CAST(ROW(_accord_row._accord_1_note) AS pg_catalog.record) "
                                                        "OPERATOR(pg_catalog.*=) CAST(ROW(_accord_up.v0) AS pg_catalog.record)"));
}

TEST(verify_sql, settles_which_collation_compares) {
  verify_transform t{{old_delay}, {odd}, {"up"}, {std::nullopt}};
  EXPECT_THAT(count_mismatches(flights(), t),
              HasSubstr("_accord_row.\"o\"\"dd\" IS NOT DISTINCT FROM _accord_up.v0 COLLATE pg_catalog.\"C\""));
}

TEST(verify_sql, asks_for_no_marker_where_there_is_none) {
  auto table = flights();
  table.marker.clear();
  verify_transform t{{old_delay}, {new_delay}, {"up"}, {"down"}};
  EXPECT_THAT(count_mismatches(table, t), HasSubstr("FILTER (WHERE false)"));
  EXPECT_THAT(count_mismatches(table, t), Not(HasSubstr("pending")));
}

TEST(verify_sql, names_rows_by_key_or_place) {
  verify_transform t{{old_delay}, {new_delay}, {"up"}, {"down"}};
  auto table = flights();
  table.key = {"id", "it's"};
  auto sql = sample_mismatches(table, t, 5);
  EXPECT_THAT(sql, HasSubstr("pg_catalog.concat_ws(', ', pg_catalog.format('%s=%s', 'id', _accord_row.id), pg_catalog.format('%s=%s', "
                             "'it''s', _accord_row.\"it's\"))"));
  EXPECT_THAT(sql, HasSubstr("LIMIT 5"));
  table.key.clear();
  EXPECT_THAT(sample_mismatches(table, t, 5), HasSubstr("_accord_row.ctid"));
}

TEST(verify_sql, compares_only_shared_columns_of_the_views_and_hashes_text_where_it_must) {
  verify_scope old_version{"flights",
                           {id, old_delay, {"carrier", "carrier", "text", "", true, true}, {"doc", "doc", "json", "", false, false}}};
  verify_scope new_version{"flights",
                           {id, new_delay, {"airline", "carrier", "text", "", true, true}, {"doc", "doc", "json", "", false, false}}};
  auto sql = compare_views({"flights_v1", "flights"}, {"flights_v2", "flights"}, old_version, new_version);
  EXPECT_THAT(sql, HasSubstr("ROW(id, carrier, pg_catalog.format('%s', doc)), 0)), 0) AS hash FROM flights_v1.flights"));
  EXPECT_THAT(sql, HasSubstr("ROW(id, airline, pg_catalog.format('%s', doc)), 0)), 0) AS hash FROM flights_v2.flights"));
}

}  // namespace
}  // namespace accord::plan
