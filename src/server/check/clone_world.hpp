// clone_world: what the names of a script mean among the clones.
#pragma once

#include <map>

#include "server/check/engine.hpp"
#include "server/ddl/statement.hpp"

namespace accord::check {

class clone_world : public ddl::world {
 public:
  clone_world(clone_names& names, engine& e) : names_(names), engine_(e) {}
  Oid find(const RangeVar*) override;
  core::qualified_name name_of(Oid) override;
  // Of contracted relations only: others need none, and capturing takes time.
  const core::shape* shape_of(Oid) override;
  bool is_ahead() const override { return true; }

  // The shape as it is now, in the words of the originals; kept until the next capture.
  const core::shape& capture(Oid clone);
  void forget(Oid clone) { shapes_.erase(clone); }

 private:
  clone_names& names_;
  engine& engine_;
  std::map<Oid, core::shape> shapes_;
};

}  // namespace accord::check
