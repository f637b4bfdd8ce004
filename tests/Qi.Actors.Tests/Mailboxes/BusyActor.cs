using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Mailboxes;

/// <summary>An actor that is busy with message 0 until its gate opens: what is sent meanwhile waits in its mailbox.</summary>
internal sealed class BusyActor : IAsyncDisposable
{
    private readonly TaskCompletionSource _entered = Signal.NewSource();

    private BusyActor(ActorOptions options)
    {
        System = new TestSystem();
        Actor = System.Actors.Spawn<int>(Handle, null, options);
    }

    public TestSystem System { get; }

    public ActorRef<int> Actor { get; }

    public ManualResetEventSlim Gate { get; } = new();

    /// <summary>The messages handled so far.</summary>
    public List<int> Seen { get; } = [];

    public static Task<BusyActor> Create(MailboxFullMode mode, int capacity)
        => Create(new ActorOptions { Mailbox = MailboxOptions.Bounded(capacity, mode) });

    public static async Task<BusyActor> Create(ActorOptions options)
    {
        var busy = new BusyActor(options);
        busy.Actor.Tell(0);
        await Signal.Within(busy._entered.Task, "the actor to be busy");
        return busy;
    }

    /// <summary>Opens the gate, awaits the senders, drains the mailbox and returns all messages in the order they were handled.</summary>
    public async Task<IReadOnlyList<int>> Finish(params Task[] senders)
    {
        Gate.Set();
        await Signal.Within(Task.WhenAll(senders), "the senders");
        await Signal.Within(Actor.StopAsync(), "the actor's end");
        return Seen;
    }

    public async ValueTask DisposeAsync()
    {
        Gate.Set();
        await System.DisposeAsync();
        Gate.Dispose();
    }

    private void Handle(int message)
    {
        Seen.Add(message);
        _entered.TrySetResult();
        Signal.Block(Gate, "the gate");
    }
}
