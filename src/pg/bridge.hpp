// The wall between PostgreSQL and C++: entry() for calls that come in, pg() for calls that go out.
//
// PostgreSQL reports errors with longjmp, which skips destructors; C++ reports them with
// exceptions, which abort the server when they leave the module.  Everything that crosses goes
// through these two functions.
//
// Rules:
//  1. Inside the lambda given to pg() only plain data may be created; objects with destructors live
//  outside it.
//  2. pg_error is caught only by entry(), by subtransaction(), by outside_transaction() and by rethrow points that raise at
//  once; it may never be swallowed.
//  3. No ereport inside a catch handler: the exception object would never be freed.
//  4. A destructor calls nothing that can ereport.
//  5. A hook keeps its C++ work in a helper that returns plain data, and calls the previous hook
//  with no live C++ object in its frame.
#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/failure.hpp"
#include "pg/try.h"

#include "pg/pg.h"

namespace accord {

using core::failure;

namespace pg_wall {

// Unwinds C++ frames while a PostgreSQL ERROR waits on elog.c's stack.  Not a std::exception, so
// that no handler swallows it.
struct pg_error {};
[[noreturn]] void throw_pg_error();

// What an entry point remembers of an exception: plain data only.
struct caught {
  int sqlstate = 0;
  char *message = nullptr, *detail = nullptr, *hint = nullptr;
  bool pending = false;
};
void capture_current_exception(caught&) noexcept;
[[noreturn]] void raise(const caught&);
// That a statement of ours cannot write is told of the function that the user has called.
[[noreturn]] void raise(const caught&, FunctionCallInfo);

}  // namespace pg_wall

// Calls PostgreSQL from C++.  `f` may ereport; it must own nothing and return plain data.
template <typename F>
auto pg(F&& f) -> std::invoke_result_t<F&> {
  using result_type = std::invoke_result_t<F&>;
  constexpr bool no_result = std::is_void_v<result_type>;
  static_assert(no_result || std::is_trivially_destructible_v<result_type>, "pg() must return plain data");
  static_assert(std::is_trivially_destructible_v<std::remove_reference_t<F>>,
                "capture by reference: a longjmp would skip the closure's destructor");
  using stored = std::conditional_t<no_result, char, result_type>;
  struct frame {
    std::remove_reference_t<F>* f;
    std::exception_ptr thrown;
    std::optional<stored> result;
  } fr{&f, nullptr, std::nullopt};

  bool ok = accord_pg_try(
      [](void* p) {
        auto* fr = static_cast<frame*>(p);
        try {
          if constexpr (no_result)
            (*fr->f)();
          else
            fr->result.emplace((*fr->f)());
        } catch (...) {
          fr->thrown = std::current_exception();
        }
      },
      &fr);
  if (!ok) [[unlikely]]
    pg_wall::throw_pg_error();
  if (fr.thrown) [[unlikely]]
    std::rethrow_exception(fr.thrown);
  if constexpr (!no_result) return *fr.result;
}

// Lets PostgreSQL call C++: no exception leaves it.
template <typename F, typename... Caller>
auto entry(F f, Caller... caller) -> std::invoke_result_t<F&> {
  static_assert(std::is_trivially_destructible_v<F>);
  pg_wall::caught c;
  try {
    return f();
  } catch (...) {
    pg_wall::capture_current_exception(c);
  }
  pg_wall::raise(c, caller...);  // outside the handler: the exception object is freed by now
}

}  // namespace accord

// Defines a function that SQL can call.  The body is ordinary C++ and may throw.
#define ACCORD_FUNCTION(name)                                               \
  static Datum name##_body(FunctionCallInfo fcinfo);                        \
  extern "C" {                                                              \
  PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                 \
  PG_FUNCTION_INFO_V1(name);                                                \
  Datum name(PG_FUNCTION_ARGS) {                                            \
    return accord::entry([fcinfo] { return name##_body(fcinfo); }, fcinfo); \
  }                                                                         \
  }                                                                         \
  static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)

// Defines the main function of a background worker.
#define ACCORD_WORKER(name)                      \
  static void name##_body();                     \
  extern "C" {                                   \
  PGDLLEXPORT void name(Datum);                  \
  void name(Datum) {                             \
    accord::entry([] { return name##_body(); }); \
  }                                              \
  }                                              \
  static void name##_body()
