// alter_table: ALTER TABLE, VIEW, MATERIALIZED VIEW and FOREIGN TABLE with all their subcommands.
//
// Subcommands that clients cannot see (storage, statistics, tablespace …) are understood and say nothing.  Those whose effect is in the
// catalogs only (all triggers at once, inheritance, partitions …) leave the statement not understood: ddl_command_end sees the truth.
#include <algorithm>
#include <iterator>

#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

using changes = std::vector<change::any_change>;

bool read_retype(AlterTableCmd* command, context& c, changes& into) {
  auto* definition = reinterpret_cast<ColumnDef*>(command->def);
  auto to = resolve_type(definition->typeName, definition->collClause);
  if (!to) return false;
  change::column_retyped change{};
  change.column = command->name;
  change.to = *to;
  if (c.shape)
    if (const auto* column = c.shape->find_column(change.column)) change.from = column->type;
  if (definition->raw_default) {
    std::string words = c.text.using_expression(definition->typeName->location);
    // Without the text the expression is known to be there, but not what it says.
    if (!words.empty()) change.using_expression = words;
  }
  into.emplace_back(std::move(change));
  return true;
}

// The type that a column has when this command runs: an earlier command or an earlier statement of the script can have changed it.
std::optional<stored_type> type_now(const std::string& column, const statement& s, const context& c, const changes& before) {
  for (auto change = before.rbegin(); change != before.rend(); ++change) {
    if (const auto* retyped = std::get_if<change::column_retyped>(&*change); retyped && retyped->column == column)
      return named_type(retyped->to.text);
    if (const auto* added = std::get_if<change::column_added>(&*change); added && added->column.name == column)
      return named_type(added->column.type.text);
  }
  if (c.shape)
    if (const auto* known = c.shape->find_column(column)) return named_type(known->type.text);
  return catalog_type(s.relation, column);
}

bool read_default(AlterTableCmd* command, const statement& s, context& c, changes& into) {
  change::default_changed change{};
  change.column = command->name;
  if (c.shape)
    if (const auto* column = c.shape->find_column(change.column)) change.from = column->default_expression;
  for (const auto& before : into)
    if (const auto* earlier = std::get_if<change::default_changed>(&before); earlier && earlier->column == change.column)
      change.from = earlier->to;
  if (command->def) {
    auto type = type_now(change.column, s, c, into);
    change.to = type ? canonical_default(command->def, type->type, type->typmod, change.column, c)
                     : c.text.to_end_of_subcommand(exprLocation(command->def));
    if (!change.to) return false;
  }
  if (change.from != change.to) into.emplace_back(std::move(change));
  return true;
}

bool read_drop_constraint(AlterTableCmd* command, context& c, changes& into) {
  const core::constraint* found = c.shape ? c.shape->find_constraint(command->name) : nullptr;
  if (!found) return command->missing_ok;
  into.emplace_back(change::constraint_dropped{*found});
  return true;
}

// From now on it holds for every row, and its text does not say NOT VALID or NOT ENFORCED any more.
bool read_upheld(const char* name, context& c, changes& into) {
  const core::constraint* found = c.shape ? c.shape->find_constraint(name) : nullptr;
  if (!found) return false;
  if (found->validated && found->enforced) return true;
  core::constraint to = *found;
  to.validated = to.enforced = true;
  for (std::string_view suffix : {" NOT VALID", " NOT ENFORCED"})
    if (to.definition.ends_with(suffix)) to.definition.resize(to.definition.size() - suffix.size());
  into.emplace_back(change::constraint_changed{*found, to});
  return true;
}

bool read_validated(const char* name, context& c, changes& into) {
  const core::constraint* found = c.shape ? c.shape->find_constraint(name) : nullptr;
  if (found && !found->enforced) return true;  // which PostgreSQL refuses
  return read_upheld(name, c, into);
}

bool read_identity(AlterTableCmd* command, context& c, changes& into) {
  const auto* column = c.shape ? c.shape->find_column(command->name) : nullptr;
  if (!column) return false;
  change::identity_changed change{command->name, column->identity, column->identity, {}};
  if (command->subtype == AT_DropIdentity) {
    change.to.clear();
  } else if (command->subtype == AT_AddIdentity) {
    auto* constraint = reinterpret_cast<Constraint*>(command->def);
    change.to = constraint->generated_when == ATTRIBUTE_IDENTITY_ALWAYS ? "always" : "by default";
    if (constraint->options != NIL) change.options = "(" + c.text.parenthesised(constraint->location) + ")";
  } else {
    auto* options = reinterpret_cast<List*>(command->def);
    for (int i = 0; i < list_length(options); i++)
      if (auto* option = static_cast<DefElem*>(list_nth(options, i)); strcmp(option->defname, "generated") == 0)
        change.to = intVal(option->arg) == ATTRIBUTE_IDENTITY_ALWAYS ? "always" : "by default";
  }
  if (change.from != change.to) into.emplace_back(std::move(change));
  return true;
}

// Of SET EXPRESSION the new one as written.
bool read_generation(AlterTableCmd* command, bool dropped, context& c, changes& into) {
  const auto* column = c.shape ? c.shape->find_column(command->name) : nullptr;
  if (!column) return false;
  if (!column->generated) return dropped && command->missing_ok;
  change::generated_changed change{command->name, column->generated, std::nullopt, column->generated_kind, ""};
  if (!dropped) {
    change.to = c.text.generation_expression(exprLocation(command->def));
    change.to_kind = column->generated_kind;
  }
  into.emplace_back(std::move(change));
  return true;
}

bool read_row_security(AlterTableType subtype, context& c, changes& into) {
  if (!c.shape) return false;
  change::row_security_changed change{};
  change.from_enabled = change.to_enabled = c.shape->row_security;
  change.from_forced = change.to_forced = c.shape->force_row_security;
  if (subtype == AT_EnableRowSecurity || subtype == AT_DisableRowSecurity)
    change.to_enabled = subtype == AT_EnableRowSecurity;
  else
    change.to_forced = subtype == AT_ForceRowSecurity;
  if (change.from_enabled != change.to_enabled || change.from_forced != change.to_forced) into.emplace_back(change);
  return true;
}

bool read_persistence(const char* to, context& c, changes& into) {
  if (!c.shape) return false;
  if (c.shape->kind == "partitioned table") return true;  // it has no rows of its own, and its partitions stay as they are
  if (c.shape->persistence != to) into.emplace_back(change::persistence_changed{c.shape->persistence, to});
  return true;
}

bool read_replica_identity(ReplicaIdentityStmt* identity, context& c, changes& into) {
  if (!c.shape) return false;
  std::string to = "default";
  if (identity->identity_type == REPLICA_IDENTITY_NOTHING) to = "nothing";
  if (identity->identity_type == REPLICA_IDENTITY_FULL) to = "full";
  if (identity->identity_type == REPLICA_IDENTITY_INDEX) to = std::string("index ") + identity->name;
  if (c.shape->replica_identity != to) into.emplace_back(change::replica_identity_changed{c.shape->replica_identity, to});
  return true;
}

// By name; ALL and USER are of triggers that no shape has, too.
bool read_enabled(AlterTableCmd* command, const char* to, context& c, changes& into) {
  std::vector<core::trigger> known;  // a rule can have a trigger's name
  if (c.shape)
    std::copy_if(c.shape->triggers.begin(), c.shape->triggers.end(), std::back_inserter(known),
                 [&](const core::trigger& t) { return t.name == command->name; });
  if (known.size() != 1) return false;
  change::trigger_changed change{known[0], known[0]};
  change.to.enabled = to;
  if (change.to != change.from) into.emplace_back(std::move(change));
  return true;
}

bool read_command(AlterTableCmd* command, const statement& s, context& c, changes& into) {
  auto exists = [&](const char* column) { return !c.shape || c.shape->find_column(column); };
  switch (command->subtype) {
    case AT_AddColumn:
      return read_add_column(reinterpret_cast<ColumnDef*>(command->def), command->missing_ok, s, c, into);
    case AT_DropColumn:
      if (exists(command->name) || !command->missing_ok)
        into.emplace_back(change::column_dropped{command->name, command->behavior == DROP_CASCADE});
      return true;
    case AT_AlterColumnType:
      return read_retype(command, c, into);
    case AT_SetNotNull:
      into.emplace_back(change::not_null_added{command->name});
      return true;
    case AT_DropNotNull:
      into.emplace_back(change::not_null_dropped{command->name});
      return true;
    case AT_ColumnDefault:
      return read_default(command, s, c, into);
    case AT_AddConstraint:
      return read_add_constraint(reinterpret_cast<Constraint*>(command->def), s, c, {}, into);
    case AT_DropConstraint:
      return read_drop_constraint(command, c, into);
    case AT_ValidateConstraint:
      return read_validated(command->name, c, into);
    case AT_AddIdentity:
    case AT_SetIdentity:
    case AT_DropIdentity:
      return read_identity(command, c, into);
    case AT_DropExpression:
      return read_generation(command, true, c, into);
    case AT_EnableRowSecurity:
    case AT_DisableRowSecurity:
    case AT_ForceRowSecurity:
    case AT_NoForceRowSecurity:
      return read_row_security(command->subtype, c, into);
    case AT_EnableTrig:
    case AT_EnableRule:
      return read_enabled(command, "origin", c, into);
    case AT_EnableAlwaysTrig:
    case AT_EnableAlwaysRule:
      return read_enabled(command, "always", c, into);
    case AT_EnableReplicaTrig:
    case AT_EnableReplicaRule:
      return read_enabled(command, "replica", c, into);
    case AT_DisableTrig:
    case AT_DisableRule:
      return read_enabled(command, "disabled", c, into);
    case AT_SetLogged:
      return read_persistence("permanent", c, into);
    case AT_SetUnLogged:
      return read_persistence("unlogged", c, into);
    case AT_ReplicaIdentity:
      return read_replica_identity(reinterpret_cast<ReplicaIdentityStmt*>(command->def), c, into);
    case AT_SetStatistics:
    case AT_SetOptions:
    case AT_ResetOptions:
    case AT_SetStorage:
    case AT_SetCompression:
    case AT_ChangeOwner:
    case AT_ClusterOn:
    case AT_DropCluster:
    case AT_SetTableSpace:
    case AT_SetAccessMethod:
    case AT_DropOids:
      return true;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions:
      return c.shape && c.shape->kind != "view";  // security_invoker is for clients to see, fillfactor is not
    default:
      if (const char* enforced = accord_constraint_made_enforced(command)) return read_upheld(enforced, c, into);
      return ACCORD_IS_SET_EXPRESSION(command) && read_generation(command, false, c, into);
  }
}

// PostgreSQL runs them in passes, whatever their order: what is made again under its name goes before it comes.
int pass_of(const AlterTableCmd* command) {
  switch (command->subtype) {
    case AT_DropColumn:
    case AT_DropConstraint:
    case AT_DropNotNull:
    case AT_DropExpression:
    case AT_DropIdentity:
      return 0;
    case AT_ColumnDefault:
      return command->def ? 3 : 0;
    case AT_AlterColumnType:
      return 1;
    case AT_AddColumn:
      return 2;
    default:
      return 3;
  }
}

std::vector<AlterTableCmd*> in_passes(List* commands) {
  std::vector<AlterTableCmd*> sorted;
  for (int i = 0; i < list_length(commands); i++)
    sorted.push_back(static_cast<AlterTableCmd*>(list_nth(commands, i)));
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return pass_of(a) < pass_of(b); });
  return sorted;
}

}  // namespace

// Each subcommand is read on the shape before the statement, except that a column which the statement adds or retypes is known to those
// behind it by name only.
std::vector<statement> read_alter_table(Node* tree, context& c) {
  auto* alter = reinterpret_cast<AlterTableStmt*>(tree);
  statement s = about(alter->relation, c);
  s.missing_ok = alter->missing_ok;
  s.understood = alter->objtype == OBJECT_TABLE || alter->objtype == OBJECT_VIEW || alter->objtype == OBJECT_MATVIEW ||
                 alter->objtype == OBJECT_FOREIGN_TABLE;
  if (s.understood && !c.names_only)
    for (auto* command : in_passes(alter->cmds)) {
      if (command->behavior == DROP_CASCADE) s.cascade = true;
      if (!read_command(command, s, c, s.changes)) s.understood = false;
    }
  std::vector<statement> result;
  result.push_back(std::move(s));
  return result;
}

}  // namespace accord::ddl
