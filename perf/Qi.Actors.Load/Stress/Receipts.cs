namespace Qi.Actors.Load.Stress;

/// <summary>What one receiver has handled, and whether it was in order, once each, one at a time.</summary>
internal sealed class Receipts(Shape shape, string name, int edges, bool isGapless)
{
    private readonly long[] _last = new long[edges];
    private int _inTurn;
    private long _handled;
    private bool _hasEnded;

    public string Name => name;

    public int Edges => edges;

    public long Handled => Volatile.Read(ref _handled);

    public long LastOf(int edge) => Volatile.Read(ref _last[edge]);

    /// <summary>A turn begins.</summary>
    public void Enter()
    {
        if (Volatile.Read(ref _inTurn) != 0)
            shape.Violate($"{name}: two turns at once");
        Volatile.Write(ref _inTurn, 1);
    }

    /// <summary>A message is handled within the turn.</summary>
    public void Check(int edge, long number)
    {
        ref long last = ref _last[edge];
        if (number != last + 1 && (isGapless || number <= last))
            shape.Violate($"{name}: edge {edge} brought {number} after {last}");
        if (_hasEnded)
            shape.Violate($"{name}: edge {edge} brought {number} after the end");
        Volatile.Write(ref last, number);
    }

    /// <summary>The turn ends, with its message handled and all that follows from it sent.</summary>
    public void Leave()
    {
        Volatile.Write(ref _inTurn, 0);
        Volatile.Write(ref _handled, _handled + 1);
    }

    public void Report(string what) => shape.Violate($"{name}: {what}");

    /// <summary>The receiver's stopped hook: nothing may be handled any more.</summary>
    public void End()
    {
        Enter();
        if (_hasEnded)
            shape.Violate($"{name}: ended twice");
        _hasEnded = true;
        Volatile.Write(ref _inTurn, 0);
    }
}

/// <summary>What one sender has sent, by what became of it. Written by that sender only.</summary>
internal sealed class Outbox
{
    private long _attempts;

    public long Accepted { get; private set; }

    public long Full { get; private set; }

    public long Dropped { get; private set; }

    public long Stopped { get; private set; }

    public long Refused { get; private set; }

    public long Attempts => Volatile.Read(ref _attempts);

    public void Begin() => Volatile.Write(ref _attempts, _attempts + 1);

    public void End(TellStatus status)
    {
        switch (status)
        {
            case TellStatus.Accepted:
                Accepted++;
                break;
            case TellStatus.Full:
                Full++;
                break;
            case TellStatus.Dropped:
                Dropped++;
                break;
            default:
                Stopped++;
                break;
        }
    }

    /// <summary>The same, for SendAsync, whose false may or may not have left a dead letter.</summary>
    public void EndSend(bool isAccepted)
    {
        if (isAccepted)
            Accepted++;
        else
            Refused++;
    }
}
