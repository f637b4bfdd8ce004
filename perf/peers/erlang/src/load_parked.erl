%% Very many processes that wait: what one costs.
-module(load_parked).

-export([waiting/1, hibernating/1, receive_one/3]).

waiting(Size) -> park(Size, fun receive_one/3).

%% The lightest wait that there is: hibernation gives the stack back and all of the heap that is not used.
hibernating(Size) ->
    park(Size, fun(Parent, Ended, Number) -> erlang:hibernate(?MODULE, receive_one, [Parent, Ended, Number]) end).

%% Makes processes until all wait, then sends a message to each.
park(Size, Wait) ->
    Parent = self(),
    Waiting = atomics:new(1, []),
    Ended = atomics:new(2, []),
    Party = fun() ->
        arrive(Waiting, Size, Parent, all_wait),
        Wait(Parent, Ended, Size)
    end,
    Made = load_measure:timed(fun() ->
        Parties = make(Party, Size, []),
        await(all_wait),
        put(parties, Parties),
        Size
    end),
    BytesPerUnit = load_measure:grown_bytes_per_unit(Size),
    [Each ! 1 || Each <- erase(parties)],
    await(all_ended),
    Received = {"result", atomics:get(Ended, 2)},
    lists:keyreplace("result", 1, Made, Received) ++ [{"bytesPerUnit", BytesPerUnit}].

make(_, 0, Parties) -> Parties;
make(Party, Left, Parties) -> make(Party, Left - 1, [spawn(Party) | Parties]).

receive_one(Parent, Ended, Size) ->
    receive
        Number ->
            atomics:add(Ended, 2, Number),
            arrive(Ended, Size, Parent, all_ended)
    end.

%% Counts; the last one tells the parent.
arrive(Counter, Size, Parent, Message) ->
    case atomics:add_get(Counter, 1, 1) of
        Size -> Parent ! Message;
        _ -> ok
    end.

await(Message) ->
    receive
        Message -> ok
    end.
