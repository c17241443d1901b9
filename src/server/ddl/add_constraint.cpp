// add_constraint: ADD CONSTRAINT of a table, or one written at a column, as capture_shape would report it afterwards.
//
// The definition of a CHECK is in the user's words: to deparse it the server would have to open the relation, and so wait for its lock.
#include <algorithm>
#include <fmt/format.h>

#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

const char* action_name(char action) {
  switch (action) {
    case FKCONSTR_ACTION_RESTRICT:
      return "restrict";
    case FKCONSTR_ACTION_CASCADE:
      return "cascade";
    case FKCONSTR_ACTION_SETNULL:
      return "set null";
    case FKCONSTR_ACTION_SETDEFAULT:
      return "set default";
    default:
      return "no action";
  }
}

namespace {

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

// A name as the server makes one, of which there is none yet.
struct invention {
  const statement& s;
  const context& c;
  const std::vector<change::any_change>& so_far;  // of the same statement

  std::string operator()(const std::string& columns, const std::string& label) const {
    auto made = [&](const std::string& end) -> std::string {
      return pg([&] { return makeObjectName(s.target.name.c_str(), columns.empty() ? nullptr : columns.c_str(), end.c_str()); });
    };
    std::string name = made(label);
    for (int n = 1; is_taken(name); n++)
      name = made(label + std::to_string(n));
    return name;
  }

 private:
  bool is_taken(const std::string& name) const {
    bool taken = c.shape && c.shape->find_constraint(name);
    for (const auto& change : so_far) {
      if (const auto* dropped = std::get_if<change::constraint_dropped>(&change); dropped && dropped->constraint.name == name)
        taken = false;
      if (const auto* added = std::get_if<change::constraint_added>(&change); added && added->constraint.name == name) taken = true;
    }
    return taken;
  }
};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text += (text.empty() ? "" : "_") + name;
  return text;
}

void read_key(Constraint* constraint, const invention& invented, core::constraint& key) {
  bool primary = constraint->contype == CONSTR_PRIMARY;
  key.kind = primary ? "primary key" : "unique";
  key.definition = fmt::format("{}{} ({})", primary ? "PRIMARY KEY" : "UNIQUE", constraint->nulls_not_distinct ? " NULLS NOT DISTINCT" : "",
                               core::quote_list(key.columns));
  if (auto including = strings(constraint->including); !including.empty())
    key.definition += fmt::format(" INCLUDE ({})", core::quote_list(including));
  if (key.name.empty()) key.name = primary ? invented({}, "pkey") : invented(joined(key.columns), "key");
}

// Those of the primary key, which a foreign key means that names none; from the catalogs, without a lock on the table.
std::vector<std::string> primary_key_of(Oid table) {
  return strings(pg([&] {
    Oid key = InvalidOid;
    (void)get_primary_key_attnos(table, true, &key);
    HeapTuple tuple = OidIsValid(key) ? SearchSysCache1(CONSTROID, ObjectIdGetDatum(key)) : nullptr;
    List* result = NIL;
    if (HeapTupleIsValid(tuple)) {
      bool null;
      Datum columns = SysCacheGetAttr(CONSTROID, tuple, Anum_pg_constraint_conkey, &null);
      if (!null) {
        ArrayType* array = DatumGetArrayTypeP(columns);
        auto* numbers = reinterpret_cast<int16*>(ARR_DATA_PTR(array));
        for (int i = 0; i < ARR_DIMS(array)[0]; i++)
          result = lappend(result, makeString(get_attname(table, numbers[i], false)));
      }
      ReleaseSysCache(tuple);
    }
    return result;
  }));
}

void read_foreign_key(Constraint* constraint, const invention& invented, context& c, core::constraint& key) {
  key.kind = "foreign key";
  Oid referenced = c.w.find(constraint->pktable);
  core::qualified_name name = OidIsValid(referenced) ? c.w.name_of(referenced) : written_name(constraint->pktable);
  key.references = name.sql();
  key.on_delete = action_name(constraint->fk_del_action);
  key.on_update = action_name(constraint->fk_upd_action);
  key.definition = fmt::format("FOREIGN KEY ({}) REFERENCES {}", core::quote_list(key.columns), name.sql());
  auto referenced_columns = strings(constraint->pk_attrs);
  if (referenced_columns.empty() && OidIsValid(referenced)) referenced_columns = primary_key_of(referenced);
  if (!referenced_columns.empty()) key.definition += fmt::format("({})", core::quote_list(referenced_columns));
  if (constraint->fk_matchtype == FKCONSTR_MATCH_FULL) key.definition += " MATCH FULL";
  if (key.on_update != "no action") key.definition += " ON UPDATE " + upper(key.on_update);
  if (key.on_delete != "no action") key.definition += " ON DELETE " + upper(key.on_delete);
  if (auto set = strings(constraint->fk_del_set_cols); !set.empty()) key.definition += fmt::format(" ({})", core::quote_list(set));
  if (key.name.empty()) key.name = invented(joined(key.columns), "fkey");
}

// In one form where every element is a column and nothing else, which is what can be compared; otherwise in the user's words.
bool read_exclusion(Constraint* constraint, const invention& invented, context& c, core::constraint& exclusion) {
  exclusion.kind = "exclusion";
  bool plain = !constraint->where_clause && !constraint->including;
  std::string elements, label;
  for (int i = 0; i < list_length(constraint->exclusions); i++) {
    auto* pair = static_cast<List*>(list_nth(constraint->exclusions, i));
    auto* element = static_cast<IndexElem*>(linitial(pair));
    auto* op = static_cast<List*>(lsecond(pair));
    plain = plain && element->name && !element->collation && !element->opclass && element->ordering == SORTBY_DEFAULT &&
            element->nulls_ordering == SORTBY_NULLS_DEFAULT && list_length(op) == 1;
    if (element->name) {
      exclusion.columns.emplace_back(element->name);
      elements += fmt::format("{}{} WITH {}", elements.empty() ? "" : ", ", core::quote_identifier(element->name), strVal(llast(op)));
    }
    const char* part = element->name ? element->name : pg([&] { return FigureIndexColname(element->expr); });
    label += (label.empty() ? "" : "_") + std::string(part ? part : "expr");
  }
  if (exclusion.name.empty()) exclusion.name = invented(label, "excl");
  if (plain) {
    exclusion.definition = fmt::format("EXCLUDE USING {} ({})", constraint->access_method, elements);
    return true;
  }
  exclusion.definition = c.text.to_end_of_subcommand(constraint->location);
  auto word = exclusion.definition.find_first_of("(");
  auto head = upper(exclusion.definition.substr(0, word)).rfind("EXCLUDE");
  if (head != std::string::npos) exclusion.definition.erase(0, head);
  return false;
}

// IS NOT NULL is NOT NULL in disguise, and recognised as such by its text.
bool says_not_null(Node* expression) {
  if (!IsA(expression, NullTest)) return false;
  auto* test = reinterpret_cast<NullTest*>(expression);
  return test->nulltesttype == IS_NOT_NULL && IsA(test->arg, ColumnRef);
}

void read_check(Constraint* constraint, const invention& invented, context& c, const std::string& own, core::constraint& check) {
  check.kind = "check";
  check.columns = columns_named_in(constraint->raw_expr, c.shape, own);
  check.definition = fmt::format("CHECK (({}))", c.text.parenthesised(constraint->location));
  if (check.columns.size() == 1 && says_not_null(constraint->raw_expr))
    check.definition = fmt::format("CHECK (({} IS NOT NULL))", core::quote_identifier(check.columns[0]));
  if (constraint->is_no_inherit) check.definition += " NO INHERIT";
  if (check.name.empty()) check.name = invented(check.columns.size() == 1 ? check.columns[0] : std::string(), "check");
}

}  // namespace

bool read_add_constraint(Constraint* constraint, const statement& s, context& c, const std::string& own_column,
                         std::vector<change::any_change>& into) {
  if (constraint->indexname) return false;  // USING INDEX: its columns are the index's
  core::constraint added;
  if (constraint->conname) added.name = constraint->conname;
  List* keys = constraint->contype == CONSTR_FOREIGN ? constraint->fk_attrs : constraint->keys;
  added.columns = strings(keys);
  if (added.columns.empty() && !own_column.empty() && constraint->contype != CONSTR_CHECK) added.columns = {own_column};
  added.validated = !constraint->skip_validation;
  // Of other kinds, 18's parser does not say.
  bool may_be_unenforced = constraint->contype == CONSTR_CHECK || constraint->contype == CONSTR_FOREIGN;
  added.enforced = !may_be_unenforced || ACCORD_IS_ENFORCED(constraint);
  added.deferrable = constraint->deferrable;
  added.deferred = constraint->initdeferred;

  const invention invented{s, c, into};
  switch (constraint->contype) {
    case CONSTR_NOTNULL:  // from 18 on also as a table constraint
      for (const auto& column : added.columns)
        into.emplace_back(change::not_null_added{column});
      return added.validated;
    case CONSTR_PRIMARY:
      if (own_column.empty())
        for (const auto& column : added.columns) {
          // What the same statement drops comes first, whatever their order.
          if (std::erase_if(into, [&](const change::any_change& one) {
                const auto* dropped = std::get_if<change::not_null_dropped>(&one);
                return dropped && dropped->column == column;
              }) > 0)
            continue;
          const auto* before = c.shape ? c.shape->find_column(column) : nullptr;
          if (before && !before->not_null) into.emplace_back(change::not_null_added{column});
        }
      [[fallthrough]];
    case CONSTR_UNIQUE:
      read_key(constraint, invented, added);
      break;
    case CONSTR_FOREIGN:
      read_foreign_key(constraint, invented, c, added);
      break;
    case CONSTR_CHECK:
      read_check(constraint, invented, c, own_column, added);
      break;
    case CONSTR_EXCLUSION:
      if (read_exclusion(constraint, invented, c, added)) break;
      into.emplace_back(change::constraint_added{std::move(added)});  // the words have all of it
      return true;
    default:
      return false;
  }
  if (added.deferrable) added.definition += " DEFERRABLE";
  if (added.deferred) added.definition += " INITIALLY DEFERRED";
  if (!added.enforced)
    added.definition += " NOT ENFORCED";
  else if (!added.validated)
    added.definition += " NOT VALID";
  into.emplace_back(change::constraint_added{std::move(added)});
  return true;
}

}  // namespace accord::ddl
