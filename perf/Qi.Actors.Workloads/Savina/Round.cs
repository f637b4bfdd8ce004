// A round of a benchmark: its parties, its result and its end. The cast, which is made before the first message, is stopped by
// the round and awaited, as the suite awaits the end of its actor system; parties that come later end themselves, as in the
// suite. What a round's roles hold may be read once it has ended.
//
// Any party writes _left and _sum; the thread that runs the round writes _cast.

using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads.Savina;

/// <summary>One round on one carrier.</summary>
internal sealed class Round<TCarrier>(ActorSystem system)
    where TCarrier : struct, ICarrier
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly TaskCompletionSource<long> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IDataflowBlock> _cast = [];
    private int _left = 1;
    private long _sum;

    /// <summary>How many parts of the result there are; one, if nobody says.</summary>
    public void AwaitParts(int parts) => _left = parts;

    /// <summary>A party that the round stops at its end. Before the first message only.</summary>
    public Party<TCarrier, TMessage> Add<TMessage>(Role<TCarrier, TMessage> role)
    {
        var party = Spawn(role);
        Add(party.Target!);
        return party;
    }

    /// <summary>A party that was made elsewhere, and that the round stops at its end.</summary>
    public void Add(IDataflowBlock party) => _cast.Add(party);

    /// <summary>A party that ends itself. From any party.</summary>
    public Party<TCarrier, TMessage> Spawn<TMessage>(Role<TCarrier, TMessage> role)
        => role.Self = new Party<TCarrier, TMessage>(TCarrier.Spawn<TMessage>(system, role.Receive));

    /// <summary>A part of the result. The last part ends the round; the result is the sum.</summary>
    public void Finish(long part)
    {
        Interlocked.Add(ref _sum, part);
        if (Interlocked.Decrement(ref _left) == 0)
            _result.TrySetResult(Interlocked.Read(ref _sum));
    }

    /// <summary>Ends the round badly.</summary>
    public void Fail(string what) => _result.TrySetException(new InvalidOperationException(what));

    /// <summary>Waits for the result, and then until the cast has ended.</summary>
    /// <exception cref="InvalidOperationException">A role found something wrong.</exception>
    /// <exception cref="TimeoutException">Nothing came: a message was lost.</exception>
    public long End()
    {
        try
        {
            Wait();
        }
        finally
        {
            foreach (var party in _cast)
                party.Complete();
        }

        long result = _result.Task.GetAwaiter().GetResult();
        foreach (var party in _cast)
            party.Completion.GetAwaiter().GetResult();
        return result;
    }

    // A party that failed would leave the others waiting for ever: its failure is the round's.
    private void Wait()
    {
        for (var waited = TimeSpan.Zero; Task.WaitAny([_result.Task], s_look) < 0; waited += s_look)
        {
            foreach (var party in _cast)
            {
                if (party.Completion.IsFaulted)
                    party.Completion.GetAwaiter().GetResult();
            }

            if (waited >= s_patience)
                throw new TimeoutException($"The round did not end within {s_patience}: a message was lost.");
        }
    }
}
