// accord.type_change: what ALTER COLUMN TYPE does to a column and its values, found out by building the server's own conversion and trying
// it on edge values (core/edge_values.hpp); what no value can show is decided in rule/type_change.hpp.
#include "rule/type_change.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "core/edge_values.hpp"
#include "core/failure.hpp"
#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

struct type {
  Oid oid = InvalidOid;
  int32 modifier = -1;

  bool operator==(const type&) const = default;
};

type type_named(const std::string& text) {
  const char* words = text.c_str();
  type t;
  reported_error error;
  bool found = subtransaction(
      [&] {
        pg([&] {
          List* parsed = raw_parser(words, RAW_PARSE_TYPE_NAME);
          typenameTypeIdAndMod(nullptr, linitial_node(TypeName, parsed), &t.oid, &t.modifier);
        });
      },
      error);
  if (!found && error.sqlstate == "42601")
    throw core::failure(core::sqlstate::undefined_object, fmt::format("invalid type name \"{}\"", text), error.message);
  if (!found) throw core::failure(error.sqlstate, error.message, error.detail, error.hint);
  if (pg([&] { return get_typtype(t.oid) == TYPTYPE_PSEUDO; }))
    throw core::failure("42809", fmt::format("no column can be of type {}", text));
  return t;
}

// Without its domains.
type bare(type t) {
  return pg([&] {
    type b = t;
    b.oid = getBaseTypeAndTypmod(t.oid, &b.modifier);
    return b;
  });
}

type element_of(type t) {
  return pg([&] { return type{get_element_type(t.oid), t.modifier}; });
}

rule::converted_type described(type t) {
  rule::converted_type d;
  if (pg([&] { return get_typtype(t.oid) == TYPTYPE_ENUM; })) {
    d.base = "enum";
    return d;
  }
  d.base = pg([&] { return const_cast<const char*>(format_type_be(t.oid)); });
  std::string written = pg([&] { return const_cast<const char*>(format_type_with_typemod(t.oid, t.modifier)); });
  if (auto open = written.find('('); t.modifier >= 0 && open != std::string::npos) {
    d.modifier = std::atoi(written.c_str() + open + 1);
    if (auto comma = written.find(',', open); comma != std::string::npos) d.scale = std::atoi(written.c_str() + comma + 1);
  }
  return d;
}

class conversion {
 public:
  conversion(type from, type to) : from_(from), to_(to) {
    for (auto context : {COERCION_ASSIGNMENT, COERCION_EXPLICIT}) {
      context_ = context;
      Node* column = pg([&] { return reinterpret_cast<Node*>(makeVar(1, 1, from_.oid, from_.modifier, get_typcollation(from_.oid), 0)); });
      expression_ = built(column);
      if (expression_) return;
    }
  }

  bool exists() const { return expression_; }
  bool needs_using() const { return context_ == COERCION_EXPLICIT; }

  // As ALTER TABLE decides it.
  bool rewrites() const {
    bool relabels;
    return walk(relabels);
  }
  bool relabels() const {
    bool relabels = true;
    return !walk(relabels) && relabels;
  }
  bool through_text() const {
    Node* node = expression_;
    while (IsA(node, RelabelType))
      node = reinterpret_cast<Node*>(reinterpret_cast<RelabelType*>(node)->arg);
    if (IsA(node, ArrayCoerceExpr)) node = reinterpret_cast<Node*>(reinterpret_cast<ArrayCoerceExpr*>(node)->elemexpr);
    return IsA(node, CoerceViaIO);
  }

  Datum of(Datum value, bool& is_null) const {
    return pg([&] {
      int16 length;
      bool by_value;
      get_typlenbyval(from_.oid, &length, &by_value);
      Node* constant =
          reinterpret_cast<Node*>(makeConst(from_.oid, from_.modifier, get_typcollation(from_.oid), length, value, false, by_value));
      auto* expression = reinterpret_cast<Expr*>(built(constant));
      EState* state = CreateExecutorState();
      ExprState* prepared = ExecPrepareExpr(expression, state);
      Datum result = ExecEvalExprSwitchContext(prepared, GetPerTupleExprContext(state), &is_null);
      if (!is_null) {
        get_typlenbyval(to_.oid, &length, &by_value);
        result = datumCopy(result, by_value, length);
      }
      FreeExecutorState(state);
      return result;
    });
  }

 private:
  Node* built(Node* value) const {
    return pg([&]() -> Node* {
      Node* n = coerce_to_target_type(nullptr, value, from_.oid, to_.oid, to_.modifier, context_, COERCE_IMPLICIT_CAST, -1);
      if (!n) return nullptr;
      assign_expr_collations(nullptr, n);
      return reinterpret_cast<Node*>(IsA(value, Var) ? expression_planner(reinterpret_cast<Expr*>(n)) : reinterpret_cast<Expr*>(n));
    });
  }

  // Whether values are written anew; `relabels` becomes false where that depends on the session.
  bool walk(bool& relabels) const {
    for (Node* node = expression_;;) {
      if (IsA(node, Var)) return false;
      if (IsA(node, RelabelType)) {
        node = reinterpret_cast<Node*>(reinterpret_cast<RelabelType*>(node)->arg);
      } else if (IsA(node, CoerceToDomain)) {
        auto* domain = reinterpret_cast<CoerceToDomain*>(node);
        if (pg([&] { return DomainHasConstraints(domain->resulttype); })) return true;
        node = reinterpret_cast<Node*>(domain->arg);
      } else if (IsA(node, FuncExpr)) {
        auto* call = reinterpret_cast<FuncExpr*>(node);
        bool zone = call->funcid == F_TIMESTAMPTZ_TIMESTAMP || call->funcid == F_TIMESTAMP_TIMESTAMPTZ;
        if (!zone || pg([] { return TimestampTimestampTzRequiresRewrite(); })) return true;
        relabels = false;
        node = static_cast<Node*>(linitial(call->args));
      } else {
        return true;
      }
    }
  }

  type from_, to_;
  CoercionContext context_ = COERCION_ASSIGNMENT;
  Node* expression_ = nullptr;
};

std::string text_of(type t, Datum value) {
  return pg([&] {
    Oid function;
    bool is_varlena;
    getTypeOutputInfo(t.oid, &function, &is_varlena);
    return const_cast<const char*>(OidOutputFunctionCall(function, value));
  });
}

std::optional<std::string> wire_of(type t, Datum value) {
  reported_error error;
  std::string bytes;
  bool done = subtransaction(
      [&] {
        bytea* sent = pg([&] {
          Oid function;
          bool is_varlena;
          getTypeBinaryOutputInfo(t.oid, &function, &is_varlena);
          return OidSendFunctionCall(function, value);
        });
        bytes.assign(VARDATA_ANY(sent), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(sent)));
      },
      error);
  if (!done) return std::nullopt;
  return bytes;
}

std::vector<std::string> values_of(type t) {
  std::vector<std::string> values;
  if (type element = element_of(t); OidIsValid(element.oid)) {
    values.emplace_back("{}");
    for (const auto& v : values_of(bare(element))) {
      std::string quoted;
      for (char c : v)
        quoted += (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
      values.push_back("{NULL,\"" + quoted + "\"}");
    }
    return values;
  }
  char kind = pg([&] { return get_typtype(t.oid); });
  if (kind == TYPTYPE_ENUM) {
    for (const auto& row : spi::query("SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = $1::oid ORDER BY enumsortorder", {t.oid}))
      values.push_back(row.text(0));
    return values;
  }
  if (kind == TYPTYPE_RANGE) return {"empty", "(,)"};
  auto d = described(t);
  for (const char* v : core::edge_values(d.base))
    values.emplace_back(v);
  if (d.base == "text" || d.base == "character varying")
    for (const char* v : core::edge_values("text as other types"))
      values.emplace_back(v);
  // The longest one that the modifier lets in.
  if (d.modifier > 0 && d.modifier <= 1000) {
    auto length = static_cast<std::size_t>(d.modifier), after = static_cast<std::size_t>(std::max(d.scale, 0));
    if (d.base == "numeric" && after <= length)
      values.push_back("0" + std::string(length - after, '9') + "." + std::string(after, '9') + (after ? "" : "0"));
    else if (d.base.starts_with("character"))
      values.emplace_back(length, 'x');
    else if (d.base.starts_with("bit"))
      values.emplace_back(length, '1');
  }
  return values;
}

rule::tried_value tried(const conversion& there, const conversion& back, type from, type to, Datum value) {
  rule::tried_value v;
  v.value = text_of(from, value);
  reported_error error;
  v.accepted = subtransaction(
      [&] {
        bool is_null;
        Datum converted = there.of(value, is_null);
        if (is_null) throw core::failure("22004", "");
        v.same_text = text_of(to, converted) == v.value;
        auto sent = wire_of(from, value), now = wire_of(to, converted);
        if (sent && now) v.same_wire = *sent == *now;
        v.comes_back = false;
        reported_error lost;
        (void)subtransaction(
            [&] {
              if (!back.exists()) return;
              Datum again = back.of(converted, is_null);
              v.comes_back = !is_null && text_of(from, again) == v.value;
            },
            lost);
      },
      error);
  return v;
}

result_rows answer(type from, type to) {
  memory_scope scope("accord type change");
  conversion there(from, to), back(to, from);
  result_rows rows;
  if (!there.exists()) {
    rows.add({"none", {}, {}, {}, {}, {}, {}, {}});
    return rows;
  }
  std::vector<rule::tried_value> values;
  for (const auto& text : values_of(bare(from))) {
    reported_error error;
    Datum value = 0;
    bool fits = subtransaction(
        [&] {
          value = pg([&] {
            Oid function, parameter;
            getTypeInputInfo(from.oid, &function, &parameter);
            return OidInputFunctionCall(function, const_cast<char*>(text.c_str()), parameter, from.modifier);
          });
        },
        error);
    if (fits) values.push_back(tried(there, back, from, to, value));
  }
  type inner = bare(from), target = bare(to);
  bool arrays = OidIsValid(element_of(inner).oid) && OidIsValid(element_of(target).oid);
  if (arrays) inner = bare(element_of(inner)), target = bare(element_of(target));
  rule::type_pair pair{described(inner), described(target), there.relabels(), there.through_text(), false, false};
  pair.all_tried =
      !arrays && (pair.from.base == "boolean" || pair.from.base == "enum" || (pair.from.base == "bit" && pair.from.modifier == 1));
  pair.explicitly = there.needs_using();
  auto f = rule::facts_of(pair, values);
  auto said = [](std::optional<bool> b) { return b ? std::optional<std::string>(*b ? "true" : "false") : std::nullopt; };
  auto witness = [](const std::optional<bool>& b, const std::string& value) {
    return b && !*b ? std::optional<std::string>(value) : std::nullopt;
  };
  rows.add({there.needs_using() ? "using" : "automatic", there.rewrites() ? "true" : "false", said(f.same_text),
            witness(f.same_text, f.text_witness), said(f.same_wire), witness(f.same_wire, f.wire_witness), said(f.lossless),
            witness(f.lossless, f.loss_witness)});
  return rows;
}

}  // namespace

}  // namespace accord::check

using namespace accord;

ACCORD_FUNCTION(accord_type_change) {
  arguments args(fcinfo);
  auto from = check::type_named(args.text(0, "from_type")), to = check::type_named(args.text(1, "to_type"));
  return check::answer(from, to).finish(fcinfo);
}
