// hazards: which rows of HAZARDS a statement is an instance of, from what it did on the clones and from its parse tree.
//
// The effects decide (nothing is called a rewrite that did not rewrite); the tree only tells which of the hazards the effect goes by.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/check/engine.hpp"

namespace accord::check {

struct hazard {
  std::string id;        // RW06
  std::string severity;  // warning: blocks for long, or hits what is not named; advice
  std::string element;   // what about it, for people
  std::string safe_sql;  // runs as it is; empty: there is none
};

struct hazard_input {
  Node* written = nullptr;  // as the user wrote it
  Node* tree = nullptr;     // with clones put in, in a form that was executed
  std::string text;         // as the user wrote it
  const effects* what = nullptr;
  const engine* clones = nullptr;
  std::vector<Oid> named;  // relations that the statement names, by their clones
  std::vector<std::optional<effects>>
      parts;  // of an ALTER TABLE with several subcommands, what each did alone; nullopt: not possible alone
};

std::vector<hazard> hazards_of(const hazard_input&);

// Of the subcommands of ALTER TABLE; alter_hazards.cpp.
std::vector<hazard> alter_hazards_of(const hazard_input&);

// What they share.
bool in_one_tree(const hazard_input&, Oid clone, Oid other);  // of partitions or of inheritance, as it was before the script
bool names(const hazard_input&, Oid clone);
std::vector<Oid> unnamed_tables(const hazard_input&, LOCKMODE at_least);  // locked and not named
std::string list_of(const hazard_input&, const std::vector<Oid>& clones);

}  // namespace accord::check
