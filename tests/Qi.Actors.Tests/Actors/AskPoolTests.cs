using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

/// <summary>The free reply slots that threads keep.</summary>
internal sealed class AskPoolTests
{
    private const int Systems = 20;

    [Test]
    public async Task Slots_OfStoppedSystems_AreNotKeptByTheThreadsThatTookTheReplies()
    {
        using var asker = new Worker();
        using var taker = new Worker();
        var systems = new List<WeakReference>();
        for (int i = 0; i < Systems; i++)
            systems.Add(await AskOneSystem(asker, taker));

        // A thread may keep the slots of the system that it asked last.
        Assert.That(
            SpinWait.SpinUntil(
                () =>
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    return systems.Count(static system => system.IsAlive) <= 2;
                },
                Signal.Bound),
            Is.True,
            () => $"{systems.Count(static system => system.IsAlive)} of {Systems} stopped systems are kept");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> AskOneSystem(Worker asker, Worker taker)
    {
        await using var system = new TestSystem();
        var actor = system.Actors.Spawn<ReplyTo<Reply>>(static replyTo => replyTo.Tell(new Reply(7)));
        ValueTask<Reply> ask = default;
        await asker.Do(() => ask = actor.AskAsync<Reply>(static replyTo => replyTo));
        Assert.That(SpinWait.SpinUntil(() => ask.IsCompleted, Signal.Bound), Is.True);
        Reply reply = default;
        await taker.Do(() => reply = ask.GetAwaiter().GetResult());
        Assert.That(reply.Number, Is.EqualTo(7));
        return new WeakReference(system.Actors);
    }

    private readonly record struct Reply(int Number);

    /// <summary>A thread that does what it is told.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly BlockingCollection<Action> _work = [];

        public Worker() => new Thread(() =>
        {
            foreach (var work in _work.GetConsumingEnumerable())
                work();
        })
        { IsBackground = true }.Start();

        public Task Do(Action action)
        {
            var done = Signal.NewSource();
            _work.Add(() =>
            {
                action();
                done.SetResult();
            });
            return Signal.Within(done.Task, "a worker");
        }

        public void Dispose() => _work.CompleteAdding();
    }
}
