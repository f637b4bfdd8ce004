%% Processes that send to each other.
-module(load_messages).

-export([pingpong/1, pingpong_16x100/1, ring/1, tell_inside/1, fanin/1, ask/1, ask_64/1]).

-define(BATCH, 1_000).
-define(SENDERS, 8).
-define(ASKERS, 64).

pingpong(Size) -> rings(1, 2, 1, Size).

pingpong_16x100(Size) -> rings(16, 2, 100, Size).

ring(Size) -> rings(1, 100, 1, Size).

%% Lets tokens go round in rings of parties. Gives the hops that the parties have counted.
rings(Count, Parties, Tokens, Size) ->
    load_measure:timed(fun() ->
        Rings = [make_ring(Parties) || _ <- lists:seq(1, Count)],
        Starts = list_to_tuple([First || [First | _] <- Rings]),
        All = Count * Tokens,
        Started = min(All, Size),
        Start = fun(Token) -> element(Token rem Count + 1, Starts) ! load_tasks:share(Size, All, Token) end,
        lists:foreach(Start, lists:seq(0, Started - 1)),
        wait_for_ends(Started),
        [Party ! stop || Ring <- Rings, Party <- Ring],
        load_tasks:collect(Count * Parties)
    end).

make_ring(Parties) ->
    Done = self(),
    Ring = [First | Others] = [spawn(fun() -> join_ring(Done) end) || _ <- lists:seq(1, Parties)],
    lists:foreach(fun({Party, Next}) -> Party ! {next, Next} end, lists:zip(Ring, Others ++ [First])),
    Ring.

join_ring(Done) ->
    receive
        {next, Next} -> pass_on(Next, Done, 0)
    end.

pass_on(Next, Done, Hops) ->
    receive
        1 ->
            Done ! ended,
            pass_on(Next, Done, Hops + 1);
        Left when is_integer(Left) ->
            Next ! Left - 1,
            pass_on(Next, Done, Hops + 1);
        stop ->
            Done ! {report, Hops}
    end.

wait_for_ends(0) ->
    ok;
wait_for_ends(Left) ->
    receive
        ended -> wait_for_ends(Left - 1)
    end.

tell_inside(Size) -> send_from(1, Size).

fanin(Size) -> send_from(?SENDERS, Size).

send_from(Senders, Size) ->
    load_measure:timed(fun() ->
        Parent = self(),
        Options = [{message_queue_data, off_heap}],
        Receiver = spawn_opt(fun() -> Parent ! {report, add_up(Size, 0)} end, Options),
        [spawn(fun() -> send(Receiver, From, To) end) || {From, To} <- shares(Senders, Size)],
        load_tasks:collect(1)
    end).

shares(Parts, Size) ->
    [{Size * I div Parts + 1, Size * (I + 1) div Parts} || I <- lists:seq(0, Parts - 1)].

send(Receiver, Number, To) when Number =< To ->
    Receiver ! Number,
    if
        Number rem ?BATCH =:= 0 -> erlang:yield();
        true -> ok
    end,
    send(Receiver, Number + 1, To);
send(_, _, _) ->
    ok.

add_up(0, Sum) ->
    Sum;
add_up(Left, Sum) ->
    receive
        Number -> add_up(Left - 1, Sum + Number)
    end.

ask(Size) -> ask_from(1, Size).

ask_64(Size) -> ask_from(?ASKERS, Size).

ask_from(Askers, Size) ->
    load_measure:timed(fun() ->
        Parent = self(),
        Party = spawn(fun respond/0),
        [spawn(fun() -> Parent ! {report, ask_all(Party, From, To, 0)} end) || {From, To} <- shares(Askers, Size)],
        Sum = load_tasks:collect(Askers),
        Party ! stop,
        Sum
    end).

respond() ->
    receive
        {From, Reference, Number} ->
            From ! {Reference, Number + 1},
            respond();
        stop ->
            ok
    end.

%% A call without the monitor of gen_server:call, as the party does not end while it is asked.
ask_all(Party, Number, To, Sum) when Number =< To ->
    Reference = make_ref(),
    Party ! {self(), Reference, Number},
    receive
        {Reference, Reply} -> ask_all(Party, Number + 1, To, Sum + Reply)
    end;
ask_all(_, _, _, Sum) ->
    Sum.
