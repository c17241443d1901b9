// alter_hazards: the hazards of ALTER TABLE, subcommand by subcommand.  See hazards.hpp.
#include <algorithm>
#include <fmt/format.h>

#include "core/name.hpp"
#include "pg/spi.hpp"
#include "server/check/hazards.hpp"
#include "server/check/names.hpp"
#include "server/check/safe_sql.hpp"
#include "server/ddl/source.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

struct type_and_modifier {
  Oid type = InvalidOid;
  int32 modifier = -1;
};

type_and_modifier type_of(TypeName* name) {
  type_and_modifier t;
  pg([&] {
    HeapTuple tuple = LookupTypeName(nullptr, name, &t.modifier, true);
    if (!tuple) return;
    t.type = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->oid;
    ReleaseSysCache(tuple);
  });
  return t;
}

// Of a column of the table as it was before the script.
type_and_modifier stored_type(Oid original, const char* column) {
  type_and_modifier t;
  pg([&] {
    AttrNumber number = get_attnum(original, column);
    if (number == InvalidAttrNumber) return;
    Oid collation;
    get_atttypetypmodcoll(original, number, &t.type, &t.modifier, &collation);
  });
  return t;
}

bool is_serial(const ColumnDef* column) {
  if (!column->typeName || list_length(column->typeName->names) != 1) return false;
  std::string name = strVal(linitial(column->typeName->names));
  return name == "serial" || name == "bigserial" || name == "smallserial" || name == "serial4" || name == "serial8" || name == "serial2";
}

Constraint* constraint_of(const ColumnDef* column, ConstrType kind) {
  for (int i = 0; i < list_length(column->constraints); i++)
    if (auto* c = static_cast<Constraint*>(list_nth(column->constraints, i)); c->contype == kind) return c;
  return nullptr;
}

bool is_moment(Oid type) {
  return type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

class alter_hazards {
 public:
  explicit alter_hazards(const hazard_input& in) : in_(in), statement_(reinterpret_cast<AlterTableStmt*>(in.tree)) {
    if (!in.named.empty()) {
      table_ = in.named.front();
      if (in.clones->relations().contains(table_)) name_ = in.clones->at(table_).name.sql();
    }
  }

  std::vector<hazard> run() {
    if (statement_->objtype == OBJECT_TYPE) return {};
    int count = list_length(statement_->cmds);
    for (int i = 0; i < count; i++) {
      auto part = static_cast<std::size_t>(i);
      single_ = count == 1;
      e_ = part < in_.parts.size() && in_.parts[part] ? &*in_.parts[part] : in_.what;
      one(static_cast<AlterTableCmd*>(list_nth(statement_->cmds, i)));
    }
    reached();
    return std::move(found_);
  }

 private:
  bool rewrites() const { return !e_->rewritten.empty(); }
  bool scans() const { return !e_->scanned.empty(); }

  void say(const char* id, const char* severity, std::string element, std::string safe = {}) {
    for (const auto& h : found_)
      if (h.id == id && h.element == element) return;
    found_.push_back({id, severity, std::move(element), single_ ? std::move(safe) : std::string()});
  }
  static std::string column(const char* name) { return fmt::format("column \"{}\"", name); }
  std::string stage() const { return safe_sql::stage(in_); }

  void one(AlterTableCmd* c) {
    switch (c->subtype) {
      case AT_AddColumn:
        add_column(reinterpret_cast<ColumnDef*>(c->def));
        break;
      case AT_AlterColumnType:
        retype(c->name, reinterpret_cast<ColumnDef*>(c->def));
        break;
      case AT_SetNotNull:
        if (scans())
          say("SC01", "warning", column(c->name) + ": every row is checked while nobody can read", safe_sql::not_null(name_, c->name));
        break;
      case AT_AddConstraint:
        add_constraint(reinterpret_cast<Constraint*>(c->def));
        break;
      case AT_SetLogged:
      case AT_SetUnLogged:
        if (rewrites()) say("RW12", "warning", "the table is copied while nobody can read it");
        break;
      case AT_SetTableSpace:
        if (rewrites())
          say("RW13", "warning", "the table is copied while nobody can read it");
        else if (!e_->rebuilt.empty())
          say("IX19", "warning", "the index is copied while nobody can use the table");
        break;
      case AT_SetAccessMethod:
        if (rewrites()) say("RW13", "warning", "the table is copied while nobody can read it");
        break;
      case AT_AttachPartition:
        attach(reinterpret_cast<PartitionCmd*>(c->def));
        break;
      case AT_DetachPartition:
        say("PT01", "warning", "readers and writers of the whole tree wait", detach(reinterpret_cast<PartitionCmd*>(c->def)));
        break;
      case AT_DropConstraint:
        dropped_ = true;
        break;
      case AT_DropColumn:
        say("DX02", "advice", column(c->name) + " and its values are gone");
        dropped_column_ = true;
        cascade_ = cascade_ || c->behavior == DROP_CASCADE;
        break;
      default:
        if (rewrites()) rewritten_otherwise();
        break;
    }
    cascade_ = cascade_ || (c->subtype == AT_DropConstraint && c->behavior == DROP_CASCADE);
  }

  // SET EXPRESSION (17) and what later versions bring.
  void rewritten_otherwise() {
    if (!single_ && in_.parts.empty()) return;
    say("RW11", "warning", "the table is copied while nobody can read it", stage());
  }

  void add_column(ColumnDef* d) {
    std::string place = column(d->colname);
    std::string plain;
    if (d->typeName && !is_serial(d))
      plain = fmt::format("ALTER TABLE {} ADD COLUMN {} {};", name_, core::quote_identifier(d->colname), words_of_type(d->typeName));
    if (rewrites()) {
      if (is_serial(d))
        say("RW02", "warning", place + " gets a value from its sequence in every row", serial_by_steps(d));
      else if (constraint_of(d, CONSTR_IDENTITY))
        say("RW03", "warning", place + " gets a value from its sequence in every row", serial_by_steps(d));
      else if (constraint_of(d, CONSTR_GENERATED))
        say("RW04", "warning", place + " is computed for every row", plain);
      else if (type_and_modifier t = type_of(d->typeName); OidIsValid(t.type) && pg([&] { return DomainHasConstraints(t.type); }))
        say("RW05", "warning", place + " is of a domain that demands something, which is checked by writing every row");
      else
        say("RW01", "warning", place + " has a default that is another one in every row", default_by_steps(d, plain));
    }
    if (scans() && (constraint_of(d, CONSTR_UNIQUE) || constraint_of(d, CONSTR_PRIMARY)))
      say("IX04", "warning", place + ": its index is built while nobody can read the table", plain);
    else if (scans() && constraint_of(d, CONSTR_CHECK) && !rewrites())
      say("SC03", "warning", place + ": every row is checked while nobody can read", plain);
    else if (scans() && constraint_of(d, CONSTR_FOREIGN) && !rewrites())
      say("SC06", "warning", place + ": every row is looked up, for it has a default", plain);
  }

  std::string words_of_type(TypeName* name) const {
    auto t = type_of(name);
    if (!OidIsValid(t.type)) return "text";
    const char* text = pg([&] { return format_type_extended(t.type, t.modifier, FORMAT_TYPE_TYPEMOD_GIVEN); });
    return text;
  }

  std::string default_by_steps(ColumnDef* d, const std::string& plain) const {
    if (plain.empty()) return {};
    ddl::source source(in_.text);
    auto* expression = constraint_of(d, CONSTR_DEFAULT);
    if (!expression || !expression->raw_expr) return plain;
    int at = pg([&] { return exprLocation(expression->raw_expr); });
    std::string words = single_ ? default_words(at) : std::string();
    if (words.empty()) return plain;
    return fmt::format("{}\nALTER TABLE {} ALTER COLUMN {} SET DEFAULT {};", plain, name_, core::quote_identifier(d->colname), words);
  }

  // The words after DEFAULT in what the user wrote.
  std::string default_words(int) const {
    ddl::source source(in_.text);
    const auto& t = source.tokens();
    for (std::size_t i = 0; i + 1 < t.size(); i++) {
      auto w = source.word(t[i]);
      if (w.size() != 7 || pg_strncasecmp(w.data(), "default", 7) != 0) continue;
      std::string words = source.to_end_of_subcommand(t[i + 1].begin);
      for (const char* stop : {" NOT NULL", " not null", " CHECK", " check", " UNIQUE", " unique", " REFERENCES", " references"})
        if (auto at = words.find(stop); at != std::string::npos) words.resize(at);
      return words;
    }
    return {};
  }

  std::string serial_by_steps(ColumnDef* d) const {
    std::string name = core::quote_identifier(d->colname);
    auto space = in_.clones->at(table_).name;
    std::string sequence = core::qualified_name{space.schema, core::fitted_name(space.name + "_", std::string(d->colname) + "_seq")}.sql();
    return fmt::format(
        "ALTER TABLE {0} ADD COLUMN {1} bigint;\nCREATE SEQUENCE {2} OWNED BY {0}.{1};\nALTER TABLE {0} ALTER COLUMN {1} SET DEFAULT "
        "nextval({3});",
        name_, name, sequence, core::quote_literal(sequence));
  }

  void retype(const char* name, ColumnDef* d) {
    std::string place = column(name);
    auto to = type_of(d->typeName);
    auto from = OidIsValid(table_) && in_.clones->relations().contains(table_) ? stored_type(in_.clones->at(table_).original, name)
                                                                               : type_and_modifier{};
    if (rewrites()) {
      Oid base = OidIsValid(to.type) ? pg([&] { return getBaseType(to.type); }) : InvalidOid;
      if (d->raw_default && from.type == to.type)
        say("RW09", "warning", place + " is computed anew in every row", stage());
      else if (is_moment(from.type) && is_moment(to.type) && from.type != to.type)
        say("RW08", "warning", place + ": the time zone of the session is not UTC, so every value changes",
            "SET TimeZone = 'UTC'; " + in_.text);
      else if (OidIsValid(to.type) && pg([&] { return DomainHasConstraints(to.type); }))
        say("RW10", "warning", place + " is of a domain that demands something, which is checked by writing every row", stage());
      else if (from.type == to.type ? to.type != BPCHAROID : from.type == TEXTOID && base == VARCHAROID)
        say("RW07", "warning", place + " gets narrower, so every value is looked at and written", stage());
      else
        say("RW06", "warning", place + " is stored in another way", stage());
      return;
    }
    if (!e_->rebuilt.empty())
      say("IX07", "warning", place + ": its indexes are built again while nobody can read the table", stage());
    else if (scans())
      say("SC09", "warning", place + ": its CHECK is tried on every row while nobody can read");
  }

  void add_constraint(Constraint* c) {
    std::string name = c->conname ? c->conname : "";
    std::string place = name.empty() ? std::string("the constraint") : fmt::format("constraint \"{}\"", name);
    if (!scans()) return;
    switch (c->contype) {
      case CONSTR_CHECK:
        say("SC02", "warning", place + ": every row is checked while nobody can read", validated_later(c, name));
        break;
      case CONSTR_FOREIGN:
        say("SC05", "warning", place + ": every row is looked up while writers of both tables wait", validated_later(c, name));
        break;
      case CONSTR_PRIMARY:
      case CONSTR_UNIQUE:
        if (c->indexname)
          say("SC15", "warning", place + ": its columns become NOT NULL, for which every row is checked");
        else
          say("IX03", "warning", place + ": its index is built while nobody can read the table", key(c));
        break;
      case CONSTR_EXCLUSION:
        say("IX05", "warning", place + ": its index is built while nobody can read the table");
        break;
      default:
        say("SC04", "warning", place + ": every row is checked while nobody can read", validated_later(c, name));
    }
  }

  std::string validated_later(Constraint* c, const std::string& given) const {
    if (in_.clones->at(table_).kind == RELKIND_PARTITIONED_TABLE && c->contype == CONSTR_FOREIGN) return {};
    std::string name = given;
    ddl::source source(in_.text);
    const auto& t = source.tokens();
    for (std::size_t i = 0; i + 1 < t.size(); i++) {
      if (identifier(source.word(t[i])) != "add") continue;
      std::size_t first = i + 1;
      if (identifier(source.word(t[first])) == "constraint") first += 2;
      if (first >= t.size()) return {};
      if (name.empty()) name = core::fitted_name(in_.clones->at(table_).name.name + "_", c->contype == CONSTR_FOREIGN ? "fkey" : "check");
      return safe_sql::not_valid(name_, name, source.to_end_of_subcommand(t[first].begin));
    }
    return {};
  }

  std::string key(Constraint* c) const {
    return in_.clones->at(table_).kind == RELKIND_PARTITIONED_TABLE ? std::string() : safe_sql::key_from_index(name_, c);
  }

  Oid partition(PartitionCmd* c) const {
    for (const auto& l : in_.what->locks)
      if (in_.clones->at(l.clone).name.name == c->name->relname) return l.clone;
    return InvalidOid;
  }

  void attach(PartitionCmd* c) {
    Oid part = partition(c);
    std::vector<Oid> others;
    for (Oid clone : e_->scanned)
      if (clone == part)
        say("SC10", "warning",
            list_of(in_, {part}) + " is read to the end, for want of a CHECK that implies its bounds or of an index like the parent's");
      else
        others.push_back(clone);
    if (!others.empty()) say("SC11", "warning", list_of(in_, others) + " is read to the end for rows of the new partition");
  }

  std::string detach(PartitionCmd*) const {
    for (const auto& l : in_.what->locks)
      if (!names(in_, l.clone) && in_.clones->at(l.clone).kind == RELKIND_RELATION && l.mode == AccessExclusiveLock && is_default(l.clone))
        return {};
    return in_.text + " CONCURRENTLY;";
  }

  bool is_default(Oid clone) const {
    return pg([&] { return OidIsValid(table_) && get_default_partition_oid(table_) == clone; });
  }

  // What else is locked, and what else rewritten.
  void reached() {
    auto others = unnamed_tables(in_, ShareUpdateExclusiveLock);
    if (in_.what->rewritten.size() > 1) say("RW17", "warning", "the tables below it too: " + list_of(in_, in_.what->rewritten));
    std::vector<Oid> family, strangers, views;
    for (Oid clone : others) {
      char kind = in_.clones->at(clone).kind;
      bool gone = !in_.clones->relations().contains(clone);
      if (gone || kind == RELKIND_VIEW || kind == RELKIND_MATVIEW)
        views.push_back(clone);
      else
        (in_one_tree(in_, table_, clone) ? family : strangers).push_back(clone);
    }
    bool partition_command = false;
    for (int i = 0; i < list_length(statement_->cmds); i++) {
      auto type = static_cast<AlterTableCmd*>(list_nth(statement_->cmds, i))->subtype;
      partition_command =
          partition_command || type == AT_AttachPartition || type == AT_DetachPartition || type == AT_AddInherit || type == AT_DropInherit;
    }
    // Shared with readers and over at once, as for a key NOT VALID, it is no hazard.
    auto exclusive = unnamed_tables(in_, AccessExclusiveLock);
    bool blocks = !in_.what->scanned.empty() || std::any_of(family.begin(), family.end(), [&](Oid child) {
      return std::count(exclusive.begin(), exclusive.end(), child) > 0;
    });
    if (!family.empty() && !partition_command && blocks) say("PT04", "warning", "it also locks " + list_of(in_, family));
    // Tables that the table's own keys pointed to, and those that depend on it.
    std::vector<Oid> referenced, dependent;
    for (Oid clone : strangers)
      (refers_to(clone) ? referenced : dependent).push_back(clone);
    if (cascade_ && (!views.empty() || !dependent.empty()))
      say("HL05", "warning", "CASCADE reaches " + list_of(in_, joined(views, dependent)));
    if ((dropped_ || dropped_column_) && !referenced.empty()) say("HL01", "warning", "it also locks " + list_of(in_, referenced));
  }

  static std::vector<Oid> joined(std::vector<Oid> a, const std::vector<Oid>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  bool refers_to(Oid clone) const {
    return !spi::query("SELECT FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conrelid = $1::oid AND confrelid = $2::oid",
                       {in_.clones->at(table_).original, in_.clones->at(clone).original})
                .empty();
  }

  const hazard_input& in_;
  AlterTableStmt* statement_;
  const effects* e_ = nullptr;
  bool single_ = true, dropped_ = false, dropped_column_ = false, cascade_ = false;
  Oid table_ = InvalidOid;
  std::string name_;
  std::vector<hazard> found_;
};

}  // namespace

std::vector<hazard> alter_hazards_of(const hazard_input& in) {
  if (in.named.empty() || !in.clones->relations().contains(in.named.front()) || !OidIsValid(in.clones->at(in.named.front()).original))
    return {};
  return alter_hazards(in).run();
}

}  // namespace accord::check
