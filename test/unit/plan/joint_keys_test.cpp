#include "plan/joint_keys.hpp"

#include <gtest/gtest.h>

using namespace accord;
using namespace accord::plan;

namespace {

core::column column(const std::string& name, const std::string& type) {
  core::column c;
  c.name = name;
  c.type.text = type;
  return c;
}

// table(key, other), of which `key` is replaced.
migration table(const std::string& name, const std::string& key) {
  migration m;
  m.id = 7;
  m.table = {"public", name};
  m.from = 1;
  m.to = 2;
  live_version before{{1, 0, 0}, {}, {{key, key, {}}, {"other", "other", {}}}, {name + "_v1", name}};
  before.shape.relation = m.table;
  before.shape.columns = {column(key, "integer"), column("other", "integer")};
  core::constraint primary;
  primary.kind = "primary key";
  primary.name = name + "_pkey";
  primary.columns = {key};
  before.shape.constraints = {primary};
  auto after = before;
  after.version = {2, 0, 0};
  after.shape.columns[0].type.text = "bigint";
  after.columns[0].physical = "_accord_7_" + key;
  m.versions = {before, after};
  m.transforms = {{{key}, {key}, {key}, {key}, {key}}};
  return m;
}

companion key(companion_kind kind, const std::string& name, const std::string& definition, const std::string& references) {
  companion c;
  c.kind = kind;
  c.name = name;
  c.definition = definition;
  c.references = references;
  return c;
}

}  // namespace

TEST(JointKeys, PartsOfADefinition) {
  auto parts = parts_of_key("FOREIGN KEY (\"a (\", b) REFERENCES \"s REFERENCES \".t (\"x)\", y) ON DELETE SET NULL (b) DEFERRABLE");
  EXPECT_EQ(parts.head, "FOREIGN KEY (\"a (\", b)");
  EXPECT_EQ(parts.table, "\"s REFERENCES \".t");
  EXPECT_EQ(parts.columns, "\"x)\", y");
  EXPECT_EQ(parts.tail, " ON DELETE SET NULL (b) DEFERRABLE");
  parts = parts_of_key("FOREIGN KEY (a) REFERENCES public.t ON DELETE SET NULL (a)");
  EXPECT_EQ(parts.table, "public.t");
  EXPECT_EQ(parts.columns, "");
  EXPECT_EQ(parts.tail, " ON DELETE SET NULL (a)");
  parts = parts_of_key("FOREIGN KEY (a) REFERENCES public.t(b)");
  EXPECT_EQ(parts.table, "public.t");
  EXPECT_EQ(parts.columns, "b");
}

TEST(JointKeys, TwoEndsBecomeOneKey) {
  auto orders = table("orders", "id"), items = table("items", "order_id");
  orders.companions = {key(companion_kind::inbound_key, "k",
                           "FOREIGN KEY (order_id) REFERENCES public.orders (_accord_7_id) ON DELETE SET NULL (order_id)", "public.items")};
  items.companions = {key(companion_kind::foreign_key, "k",
                          "FOREIGN KEY (_accord_7_order_id) REFERENCES public.orders (id) ON DELETE SET NULL (_accord_7_order_id)",
                          "public.orders")};
  join_keys({&orders, &items});
  EXPECT_TRUE(orders.companions.empty());
  ASSERT_EQ(items.companions.size(), 1U);
  EXPECT_EQ(items.companions[0].definition,
            "FOREIGN KEY (_accord_7_order_id) REFERENCES public.orders (_accord_7_id) ON DELETE SET NULL (_accord_7_order_id)");
  EXPECT_TRUE(items.companions[0].late);
}

TEST(JointKeys, OnlyTheReferencedColumnIsNew) {
  auto orders = table("orders", "id"), items = table("items", "line");
  orders.companions = {
      key(companion_kind::inbound_key, "k", "FOREIGN KEY (order_id) REFERENCES public.orders (_accord_7_id)", "public.items")};
  join_keys({&orders, &items});
  EXPECT_EQ(orders.companions.size(), 1U);
}

TEST(JointKeys, AnAddedKeyNamesTheNewVersion) {
  for (const char* written : {"public.orders(id)", "public.orders"}) {
    auto orders = table("orders", "id"), items = table("items", "order_id");
    items.companions = {key(companion_kind::foreign_key, "k",
                            std::string("FOREIGN KEY (other) REFERENCES ") + written + " ON DELETE CASCADE", "public.orders")};
    items.companions[0].added = true;
    join_keys({&orders, &items});
    EXPECT_EQ(items.companions[0].definition, "FOREIGN KEY (other) REFERENCES public.orders (_accord_7_id) ON DELETE CASCADE");
    EXPECT_TRUE(items.companions[0].late);
  }
  auto orders = table("orders", "id"), items = table("items", "order_id");
  items.companions = {key(companion_kind::foreign_key, "k", "FOREIGN KEY (order_id) REFERENCES public.orders(other)", "public.orders")};
  items.companions[0].added = true;
  join_keys({&orders, &items});
  EXPECT_EQ(items.companions[0].definition, "FOREIGN KEY (order_id) REFERENCES public.orders (other)");
  EXPECT_FALSE(items.companions[0].late);
}
