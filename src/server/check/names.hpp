// names: which names of a script mean clones, and the script's text with those names put in.
//
// Each schema of the user's has a private twin, in which the clones live under their own names.  With the twins before their schemas in the
// search_path an unqualified name finds the clone by itself; a qualified one is replaced, token by token, so that no kind of statement needs
// code of its own.
//
// Invariant: a name that ever had a clone means the clone (or nothing) for ever, never the original.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/shape.hpp"
#include "pg/bridge.hpp"

namespace accord::check {

using object_name = std::pair<std::string, std::string>;  // schema and name

class clone_names {
 public:
  // To whom the twins belong, and so all that is in them.  To be said before the first is made.
  void belong_to(Oid owner) { owner_ = owner; }

  // The twin of a schema, made when first asked for; nullopt: PostgreSQL's own or ours, which has none.
  std::optional<std::string> twin_of(const std::string& schema);
  // The schema whose twin this is; the name itself where it is no twin.
  std::string original_of(const std::string& schema) const;
  const std::map<std::string, std::string>& twins() const { return twins_; }

  void add(const std::string& schema, const std::string& name) { cloned_.insert({schema, name}); }
  bool is_cloned(const object_name& n) const { return cloned_.contains(n); }

  // The text with every name that means a clone, or something new, put in; `defines`: the first name is what the statement makes.
  std::string rewritten(std::string_view sql, bool defines = false);
  // Text of the server's with the twins named as the schemas that they stand for.
  std::string restored(std::string text) const;
  // The same in a shape as JSON, where the schema stands as what it is and within deparsed text as what is written.
  core::shape restored_shape(std::string json) const;

  // The search_path with each twin before its schema.
  std::string search_path(const std::vector<std::string>& schemas);

  // A schema that the script itself makes: it has no twin, since all that is in it is new.
  void made(const std::string& schema) { made_.insert(schema); }
  bool is_made(const std::string& schema) const { return made_.contains(schema); }
  void rename_schema(const std::string& from, const std::string& to);

 private:
  bool exists_outside(const object_name&);
  bool means_clone(const object_name&);

  Oid owner_ = InvalidOid;
  std::map<std::string, std::string> twins_;
  std::map<std::string, std::string> renamed_;  // schemas of which the script has renamed the twin: what they are called then
  std::map<object_name, bool> outside_;
  std::set<object_name> cloned_;
  std::set<std::string> made_;
};

// An identifier as the parser reads it: folded, unquoted; empty where the token is none.
std::string identifier(std::string_view token);

// The identifiers of a script, and the schema names that stand before a dot.
struct words {
  std::set<std::string> identifiers, qualifiers;
};
words words_of(std::string_view sql);

// The schemas that names are looked for in, in order, without those that are always searched.
std::vector<std::string> schemas_searched();

}  // namespace accord::check
