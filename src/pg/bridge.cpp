// Sorting of exceptions at the wall.  See bridge.hpp.
#include "pg/bridge.hpp"

#include <cstring>
#include <new>

namespace accord::pg_wall {

void throw_pg_error() {
  throw pg_error{};
}

namespace {

// Copies a text without malloc, ereport or throw: the caller is inside a catch handler.
char* copied(const char* text) noexcept {
  if (!text || !*text) return nullptr;
  size_t size = strlen(text) + 1;
  auto* copy = static_cast<char*>(MemoryContextAllocExtended(ErrorContext, size, MCXT_ALLOC_NO_OOM));
  if (copy) memcpy(copy, text, size);
  return copy;
}

}  // namespace

void capture_current_exception(caught& c) noexcept {
  try {
    throw;
  } catch (const pg_error&) {
    c.pending = true;
  } catch (const core::failure& e) {
    c.sqlstate = e.sqlstate.size() == 5 ? MAKE_SQLSTATE(e.sqlstate[0], e.sqlstate[1], e.sqlstate[2], e.sqlstate[3], e.sqlstate[4])
                                        : ERRCODE_INTERNAL_ERROR;
    c.message = copied(e.message.c_str());
    c.detail = copied(e.detail.c_str());
    c.hint = copied(e.hint.c_str());
  } catch (const std::bad_alloc&) {
    c.sqlstate = ERRCODE_OUT_OF_MEMORY;
  } catch (const std::exception& e) {
    c.sqlstate = ERRCODE_INTERNAL_ERROR;
    c.message = copied(e.what());
  } catch (...) {
    c.sqlstate = ERRCODE_INTERNAL_ERROR;
  }
}

void raise(const caught& c) {
  if (c.pending) PG_RE_THROW();
  if (c.sqlstate == ERRCODE_OUT_OF_MEMORY && !c.message) ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
  ereport(ERROR, (errcode(c.sqlstate), errmsg_internal("%s", c.message ? c.message : "unrecognized C++ exception"),
                  c.detail ? errdetail_internal("%s", c.detail) : 0, c.hint ? errhint("%s", c.hint) : 0));
  pg_unreachable();
}

void raise(const caught& c, FunctionCallInfo called) {
  bool read_only = c.pending ? geterrcode() == ERRCODE_READ_ONLY_SQL_TRANSACTION : c.sqlstate == ERRCODE_READ_ONLY_SQL_TRANSACTION;
  if (!read_only || !called->flinfo) raise(c);
  if (c.pending) FlushErrorState();  // of an error that was raised before anything was done
  Oid function = called->flinfo->fn_oid;
  const char* schema = get_namespace_name(get_func_namespace(function));
  ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
                  errmsg("cannot execute %s.%s() in a read-only transaction", schema ? schema : "", get_func_name(function))));
  pg_unreachable();
}

}  // namespace accord::pg_wall
