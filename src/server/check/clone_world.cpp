// clone_world.  See clone_world.hpp.
#include "server/check/clone_world.hpp"

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

Oid relation_in(const char* schema, const char* name) {
  return pg([&] {
    Oid space = get_namespace_oid(schema, true);
    return OidIsValid(space) ? get_relname_relid(name, space) : InvalidOid;
  });
}

}  // namespace

Oid clone_world::find(const RangeVar* written) {
  if (!written->schemaname) return pg([&] { return RangeVarGetRelid(written, NoLock, true); });
  object_name n{written->schemaname, written->relname};
  if (auto twin = names_.twins().find(n.first); twin != names_.twins().end()) {
    Oid oid = relation_in(twin->second.c_str(), written->relname);
    if (OidIsValid(oid) || names_.is_cloned(n)) return oid;
  }
  return relation_in(written->schemaname, written->relname);
}

core::qualified_name clone_world::name_of(Oid relation) {
  if (auto known = engine_.relations().find(relation); known != engine_.relations().end()) return known->second.name;
  ddl::catalog_world catalogs;
  auto name = catalogs.name_of(relation);
  name.schema = names_.original_of(name.schema);
  return name;
}

const core::shape* clone_world::shape_of(Oid relation) {
  auto known = shapes_.find(relation);
  return known == shapes_.end() ? nullptr : &known->second;
}

const core::shape& clone_world::capture(Oid clone) {
  static constinit spi::prepared statement{"SELECT accord_catalog.capture_shape($1::oid)"};
  auto rows = catalog::run(statement, {clone});
  return shapes_[clone] = names_.restored_shape(rows.front().text(0));
}

}  // namespace accord::check
