// script_world.  See script_world.hpp.
#include "server/check/script_world.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

// The schemas that a name without one is looked for in, in order.
std::vector<std::string> search_path() {
  List* schemas = pg([] { return fetch_search_path(true); });
  std::vector<std::string> names;
  for (int i = 0; i < list_length(schemas); i++) {
    Oid oid = list_nth_oid(schemas, i);
    if (const char* name = pg([&] { return get_namespace_name(oid); })) names.emplace_back(name);
  }
  return names;
}

}  // namespace

Oid script_world::find(const RangeVar* written) {
  std::vector<std::string> schemas;
  if (written->schemaname)
    schemas.emplace_back(written->schemaname);
  else
    schemas = search_path();
  for (const auto& schema : schemas) {
    if (auto known = names_.find({schema, written->relname}); known != names_.end()) {
      if (OidIsValid(known->second)) return known->second;
      continue;
    }
    const char *space = schema.c_str(), *name = written->relname;
    Oid relation = pg([&] {
      Oid oid = get_namespace_oid(space, true);
      return OidIsValid(oid) ? get_relname_relid(name, oid) : InvalidOid;
    });
    if (OidIsValid(relation)) return relation;
  }
  return InvalidOid;
}

core::qualified_name script_world::catalog_name(Oid relation) {
  return catalogs_.name_of(relation);
}

core::qualified_name script_world::name_of(Oid relation) {
  for (const auto& [name, oid] : names_)
    if (oid == relation && relation != created) return name;
  return relation == created ? core::qualified_name{} : catalog_name(relation);
}

const core::shape* script_world::shape_of(Oid relation) {
  if (relation == created) return nullptr;
  if (auto known = shapes_.find(relation); known != shapes_.end()) return &known->second;
  return catalogs_.shape_of(relation);
}

void script_world::set_shape(Oid relation, core::shape shape) {
  auto before = name_of(relation);
  if (before != shape.relation) {
    names_[before] = InvalidOid;
    names_[shape.relation] = relation;
  }
  shapes_[relation] = std::move(shape);
}

void script_world::create(const RangeVar* written) {
  std::string schema = written->schemaname ? written->schemaname : "";
  if (schema.empty())
    for (const auto& candidate : search_path())
      if (candidate != "pg_catalog" && !candidate.starts_with("pg_temp")) {
        schema = candidate;
        break;
      }
  if (!OidIsValid(find(written))) names_[{schema, written->relname}] = created;
}

void script_world::drop(Oid relation) {
  names_[name_of(relation)] = InvalidOid;
  dropped_.insert(relation);
}

}  // namespace accord::check
