// script_world: what names mean in the midst of a script of which nothing has been executed.
//
// accord.check judges each statement on the result of those before it: tables that were renamed are found under their new names only, those
// that were created are known to exist, and shapes carry the changes so far.
#pragma once

#include <map>
#include <set>

#include "server/ddl/statement.hpp"

namespace accord::check {

class script_world : public ddl::world {
 public:
  // What find() gives for a relation that the script itself created.
  static constexpr Oid created = 1;

  Oid find(const RangeVar*) override;
  core::qualified_name name_of(Oid) override;
  const core::shape* shape_of(Oid) override;
  bool is_ahead() const override { return true; }

  void set_shape(Oid, core::shape);  // after a statement; a new name counts from now on
  void create(const RangeVar*);
  void drop(Oid);
  bool is_dropped(Oid relation) const { return dropped_.contains(relation); }

 private:
  core::qualified_name catalog_name(Oid);

  std::map<core::qualified_name, Oid> names_;  // that differ from the catalogs; InvalidOid: gone
  std::map<Oid, core::shape> shapes_;
  std::set<Oid> dropped_;
  ddl::catalog_world catalogs_;
};

}  // namespace accord::check
