namespace Qi.Actors.Load.Stress;

/// <summary>What a node is made of.</summary>
internal enum NodeKind
{
    Actor,
    AsyncActor,
    Coroutine,
}

/// <summary>A node that has been spawned: where to send, and what it does.</summary>
internal sealed record Spawned<T>(Target<T> Target, NodeCore<T> Core)
    where T : IStressMessage<T>;

/// <summary>A shape whose traffic is kept up by nodes that answer or send on.</summary>
internal abstract class NodeShape<T>(ShapeSetting setting) : Shape(setting)
    where T : IStressMessage<T>
{
    private static readonly TimeSpan s_endPatience = TimeSpan.FromSeconds(10);

    private readonly List<ActorRef<T>> _actors = [];
    private readonly List<JoinHandle> _coroutines = [];
    private int _nodes;

    /// <summary>Spawns a node that gets messages on edges 1 to <paramref name="edges"/>; edge 0 is the kick.</summary>
    protected Spawned<T> Spawn(ActorSystem system, int edges, Route route, NodeKind kind, MailboxOptions? mailbox = null)
    {
        string name = $"node {_nodes++}";
        var core = new NodeCore<T>(this, NewReceipts(name, edges + 1), NewOutbox(), route, Setting.Random.Next());
        if (kind == NodeKind.Coroutine)
        {
            var handle = system.Spawn(() => NodeCoroutine.Run(core), Setting.RandomPriority());
            _coroutines.Add(handle);
            return new Spawned<T>(new CoroutineTarget<T>(handle.Ref), core);
        }

        var options = Setting.RandomOptions(mailbox);
        var actor = kind == NodeKind.Actor
            ? system.Spawn<T>(() => new NodeActor<T>(core), options: options)
            : system.Spawn<T>(() => new AsyncNodeActor<T>(core), options: options);
        _actors.Add(actor);
        return new Spawned<T>(new ActorTarget<T>(actor), core);
    }

    /// <summary>Sends a node the message on edge 0 that starts it.</summary>
    protected void Kick(Spawned<T> node)
    {
        var outbox = NewOutbox();
        outbox.Begin();
        outbox.End(node.Target.Send(T.Create(Index, NodeCore<T>.KickEdge, 1)));
    }

    public override async Task CleanUpAsync()
    {
        await EndAsync(Task.WhenAll(_actors.Select(actor => actor.StopAsync())), "actors");
        foreach (var coroutine in _coroutines)
            coroutine.Cancel();
        foreach (var coroutine in _coroutines)
            await EndAsync(coroutine.AsTask(), "coroutines");
        foreach (var coroutine in _coroutines.Where(coroutine => coroutine.State != CoroutineState.Cancelled))
            Violate($"a cancelled coroutine ended as {coroutine.State} with {coroutine.Exception}");
        foreach (var actor in _actors.Where(actor => !actor.Completion.IsCompletedSuccessfully))
            Violate($"an actor ended as {actor.Completion.Status} with {actor.Completion.Exception}");
    }

    private async Task EndAsync(Task end, string what)
    {
        try
        {
            await end.WaitAsync(s_endPatience);
        }
        catch (OperationCanceledException)
        {
        }
        catch (TimeoutException)
        {
            Violate($"{what} did not end within {s_endPatience.TotalSeconds:0} s of being told to");
        }
    }
}
