%% Wall time, CPU time, resident memory and percentiles.
-module(load_measure).

-export([timed/1, with_percentiles/2, to_json/1, remember_baseline/0, grown_bytes_per_unit/1]).

%% Measures a piece of work that gives its result.
timed(Work) ->
    {Cpu, _} = statistics(runtime),
    Start = erlang:monotonic_time(),
    Result = Work(),
    End = erlang:monotonic_time(),
    {CpuEnd, _} = statistics(runtime),
    Ns = erlang:convert_time_unit(End - Start, native, nanosecond),
    [{"ns", Ns}, {"result", Result}, {"cpuNs", (CpuEnd - Cpu) * 1_000_000}].

%% Adds p50, p99 and p999 of the samples, which are in nanoseconds.
with_percentiles(Report, Samples) ->
    Sorted = list_to_tuple(lists:sort(Samples)),
    At = fun(Share) -> element(ceil(tuple_size(Sorted) * Share), Sorted) end,
    Report ++ [{"p50Ns", At(0.5)}, {"p99Ns", At(0.99)}, {"p999Ns", At(0.999)}].

to_json(Report) ->
    Members = [io_lib:format("\"~s\":~b", [Name, Value]) || {Name, Value} <- Report],
    [${, lists:join($,, Members), $}].

%% Keeps what is resident before anything has been run.
remember_baseline() ->
    persistent_term:put({?MODULE, baseline}, resident_bytes()).

%% How much more is resident than before anything was run, for each unit. The least of all rounds: what earlier rounds
%% have left to the allocators counts in full, and so does what of it cannot be used again.
grown_bytes_per_unit(Units) ->
    Grown = (resident_bytes() - persistent_term:get({?MODULE, baseline})) div Units,
    Least = min(Grown, persistent_term:get({?MODULE, least}, Grown)),
    persistent_term:put({?MODULE, least}, Least),
    Least.

resident_bytes() ->
    {ok, Statm} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = string:lexemes(Statm, " "),
    binary_to_integer(Pages) * page_size().

%% Erlang does not tell the size of a page; the kernel does, in kilobytes, for any mapping.
page_size() ->
    {ok, Maps} = file:read_file("/proc/self/smaps"),
    {match, [Kilobytes]} = re:run(Maps, "KernelPageSize: *([0-9]+) kB", [{capture, all_but_first, list}]),
    list_to_integer(Kilobytes) * 1024.
