// A point of a graph of traffic: it checks what it gets and sends on. The same core lives in actors and in coroutines.

namespace Qi.Actors.Load.Stress;

/// <summary>Where messages go.</summary>
internal abstract class Target<T>
{
    public abstract TellStatus Send(T message);
}

internal sealed class ActorTarget<T>(ActorRef<T> actor) : Target<T>
{
    public override TellStatus Send(T message) => actor.Tell(message);
}

internal sealed class CoroutineTarget<T>(CoroutineRef coroutine) : Target<T>
    where T : notnull
{
    public override TellStatus Send(T message) => coroutine.Tell(message) ? TellStatus.Accepted : TellStatus.Stopped;
}

/// <summary>A directed edge from one node to another, held by the sender.</summary>
internal sealed class Link<T>(Target<T> target, int edge)
{
    /// <summary>How many messages of this edge's peer call forth an answer, and how many messages the answer has.</summary>
    public int Every = 1;
    public int Burst = 1;
    public int Kick;

    private long _sent;
    private int _received;

    public bool IsAnswerDue() => ++_received % Every == 0;

    public void Send(Shape shape, Outbox outbox, int count, Func<int, int, long, T> create)
    {
        for (int i = 0; i < count; i++)
        {
            outbox.Begin();
            var status = target.Send(create(shape.Index, edge, ++_sent));
            outbox.End(status);
            if (status != TellStatus.Accepted)
                shape.Violate($"a message to edge {edge} was not accepted: {status}");
        }
    }
}

/// <summary>Permits for a producer that is neither actor nor coroutine.</summary>
internal sealed class Credits(int permits) : IDisposable
{
    public SemaphoreSlim Semaphore { get; } = new(permits);

    public int Every { get; init; } = 1;

    private int _received;

    public void Count()
    {
        if (++_received % Every == 0)
            Semaphore.Release();
    }

    public void Dispose() => Semaphore.Dispose();
}

/// <summary>How a node chooses where to send on.</summary>
internal enum Route
{
    Answer,
    Next,
    Random,
}

/// <summary>Checks what comes, and sends on. Owner only, but for the receipts.</summary>
internal sealed class NodeCore<T>(Shape shape, Receipts receipts, Outbox outbox, Route route, int seed)
    where T : IStressMessage<T>
{
    /// <summary>Edge 0 is the kick from outside: then every link sends its first messages.</summary>
    public const int KickEdge = 0;

    private static readonly Func<int, int, long, T> s_create = T.Create;

    private readonly Link<T>?[] _byEdge = new Link<T>?[receipts.Edges];
    private readonly Credits?[] _credits = new Credits?[receipts.Edges];
    private readonly List<Link<T>> _links = [];
    private uint _random = (uint)seed | 1;

    public Receipts Receipts => receipts;

    public int Edges => receipts.Edges;

    /// <summary>Adds a link; <paramref name="edge"/> is the one on which its peer's messages come, if they do.</summary>
    public void Add(Link<T> link, int edge = KickEdge)
    {
        _links.Add(link);
        _byEdge[edge] = link;
    }

    public void Add(Credits credits, int edge) => _credits[edge] = credits;

    public void Handle(T message)
    {
        receipts.Enter();
        int edge = message.Edge;
        receipts.Check(edge, message.Number);
        if (edge == KickEdge)
        {
            foreach (var link in _links)
                link.Send(shape, outbox, link.Kick, s_create);
        }
        else if (_credits[edge] is { } credits)
        {
            credits.Count();
        }
        else if (_links.Count > 0 && !shape.IsStopping)
        {
            SendOn(edge);
        }

        receipts.Leave();
    }

    private void SendOn(int edge)
    {
        switch (route)
        {
            case Route.Answer:
                if (_byEdge[edge] is { } link && link.IsAnswerDue())
                    link.Send(shape, outbox, link.Burst, s_create);
                break;
            case Route.Next:
                _links[0].Send(shape, outbox, 1, s_create);
                break;
            default:
                _random ^= _random << 13;
                _random ^= _random >> 17;
                _random ^= _random << 5;
                _links[(int)(_random % (uint)_links.Count)].Send(shape, outbox, 1, s_create);
                break;
        }
    }
}

/// <summary>A node that is an actor.</summary>
internal sealed class NodeActor<T>(NodeCore<T> core) : Actor<T>
    where T : IStressMessage<T>
{
    protected override void Receive(T message) => core.Handle(message);

    protected override void OnStopped() => core.Receipts.End();
}

/// <summary>A node whose handler is asynchronous, and now and then really is.</summary>
internal sealed class AsyncNodeActor<T>(NodeCore<T> core) : AsyncActor<T>
    where T : IStressMessage<T>
{
    private int _count;
    private int _isBusy;

    protected override async ValueTask ReceiveAsync(T message)
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
            core.Receipts.Report("a message was handled while the handler before it awaited");
        core.Handle(message);
        if ((++_count & 15) == 0)
            await Task.Yield();
        else if ((_count & 31) == 1)
            await Task.Run(static () => { });
        Volatile.Write(ref _isBusy, 0);
    }

    protected override ValueTask OnStoppedAsync()
    {
        core.Receipts.End();
        return default;
    }
}

/// <summary>A node that is a coroutine: an Erlang process.</summary>
internal static class NodeCoroutine
{
    public static async Coroutine Run<T>(NodeCore<T> core)
        where T : IStressMessage<T>
    {
        while (true)
            core.Handle(await Coroutine.ReceiveAsync<T>());
    }
}
