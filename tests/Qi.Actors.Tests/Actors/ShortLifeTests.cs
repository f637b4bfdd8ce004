using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

/// <summary>Actors that are spawned, run for a turn or two and stop: their life takes the short way, and must look the same.</summary>
internal sealed class ShortLifeTests
{
    private static readonly string[] s_hooks = ["started", "stopping", "stopped"];

    [Test]
    public async Task Complete_InTheStartedHook_RunsAllHooksAndEnds()
    {
        await using var system = new TestSystem();
        var log = new List<string>();

        var actor = system.Actors.Spawn(static log => new Short(log) { AtStart = static self => self.Complete() }, log, "short");
        await Signal.Within(actor.Completion);

        Assert.That(log, Is.EqualTo(s_hooks));
        Assert.That(actor.IsStopped, Is.True);
        Assert.That(system.Actors.TryGet<int>("short", out _), Is.False);
        Assert.That(system.Actors.Statistics.Actors, Is.Zero);
        Assert.That(actor.Tell(1), Is.EqualTo(TellStatus.Stopped));
        Assert.That(system.LettersOf(), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Complete_InTheStartedHook_DrainsWhatWasSentBefore()
    {
        await using var system = new TestSystem();
        using var gate = new ManualResetEventSlim();
        var log = new List<string>();
        var actor = system.Actors.Spawn<int>(() => new Short(log)
        {
            AtStart = self =>
            {
                Signal.Block(gate);
                self.Complete();
            },
        });
        actor.Tell(1);
        actor.Tell(2);

        gate.Set();
        await Signal.Within(actor.Completion);

        Assert.That(log, Is.EqualTo(new[] { "started", "stopping", "1", "2", "stopped" }));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(40)]
    public async Task Complete_WithTheLastMessage_EndsAfterIt(int messages)
    {
        await using var system = new TestSystem();
        var log = new List<string>();
        var actor = system.Actors.Spawn<int>(() => new Short(log)
        {
            AtMessage = (self, number) =>
            {
                if (number == messages)
                    self.Complete();
            },
        });
        for (int i = 1; i <= messages; i++)
            actor.Tell(i);

        await Signal.Within(actor.Completion);

        string[] expected = ["started", .. Enumerable.Range(1, messages).Select(i => $"{i}"), "stopping", "stopped"];
        Assert.That(log, Is.EqualTo(expected));
    }

    [TestCase("started")]
    [TestCase("stopping")]
    [TestCase("stopped")]
    public async Task Hook_ThatThrowsInTheOnlyTurn_FaultsTheActor(string hook)
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        var log = new List<string>();
        var actor = system.Actors.Spawn<int>(() => new Short(log) { AtStart = static self => self.Complete(), FailingHook = hook });

        await Signal.Within(Task.WhenAny(actor.Completion));

        Assert.That(log, Is.EqualTo(s_hooks));
        Assert.That(actor.Completion.Exception?.InnerException?.Message, Is.EqualTo(hook));
    }

    [TestCase("stopping")]
    [TestCase("stopped")]
    public async Task Fault_InAHookOfTheOnlyTurn_CancelsTheTokenAndFaults(string hook)
    {
        await using var system = new TestSystem();
        var log = new List<string>();
        var token = CancellationToken.None;
        var actor = system.Actors.Spawn<int>(() => new Short(log)
        {
            AtStart = static self => self.Complete(),
            AtHook = (self, name, stopping) =>
            {
                token = stopping;
                if (name == hook)
                    self.Fault(new FormatException(hook));
            },
        });

        await Signal.Within(Task.WhenAny(actor.Completion));

        Assert.That(log, Is.EqualTo(s_hooks));
        Assert.That(actor.Completion.Exception?.InnerException, Is.InstanceOf<FormatException>());
        Assert.That(token.IsCancellationRequested, Is.True);
    }

    [Test]
    public async Task Stop_BeforeTheFirstTurn_StillRunsTheStartedHook()
    {
        await using var system = new TestSystem();
        var log = new List<string>();
        var children = Signal.NewSource<ActorRef<int>>();
        system.Actors.Spawn<int>(() => new Short([])
        {
            AtStart = self =>
            {
                var child = system.Actors.Spawn(static log => new Short(log), log);
                child.Tell(1);
                child.Complete();
                children.SetResult(child);
            },
        });

        var actor = await Signal.Within(children.Task);
        await Signal.Within(actor.Completion);

        Assert.That(log, Is.EqualTo(new[] { "started", "stopping", "1", "stopped" }));
    }

    [Test]
    [Category("Stress")]
    public async Task Stop_WhileTheMailboxGoesIdle_AlwaysEnds()
    {
        await using var system = new TestSystem();
        for (int round = 0; round < 2_000; round++)
        {
            int handled = 0;
            var actor = system.Actors.Spawn<int>(_ => handled++);
            if ((round & 1) == 0)
                actor.Tell(1);
            Thread.SpinWait(round % 400);
            actor.Complete();
            await Signal.Within(actor.Completion, $"the end in round {round}");
            Assert.That(handled, Is.EqualTo(1 - (round & 1)));
        }
    }

    [Test]
    [Category("Stress")]
    public async Task Tell_WhileTheActorStartsAndEnds_IsHandledOrBuried()
    {
        const int Rounds = 2_000;
        await using var system = new TestSystem();
        long handled = 0;
        long accepted = 0;
        long refused = 0;
        ActorRef<int>? target = null;
        bool isOver = false;
        var tellers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                if (Volatile.Read(ref target) is not { } actor)
                {
                    Thread.Yield();
                    continue;
                }

                if (actor.Tell(1) == TellStatus.Accepted)
                {
                    Interlocked.Increment(ref accepted);
                    continue;
                }

                Interlocked.Increment(ref refused);
                Interlocked.CompareExchange(ref target, null, actor);
            }
        })).ToArray();

        for (int round = 0; round < Rounds; round++)
        {
            bool endsAtStart = (round & 1) == 0;
            var actor = system.Actors.Spawn<int>(() => new Short(null)
            {
                AtStart = self =>
                {
                    Volatile.Write(ref target, self);
                    if (endsAtStart)
                        self.Complete();
                },
                AtMessage = (self, _) =>
                {
                    handled++;
                    self.Complete();
                },
            });
            await Signal.Within(actor.Completion, $"the end in round {round}");
        }

        Volatile.Write(ref isOver, true);
        await Signal.Within(Task.WhenAll(tellers));
        await Signal.Within(system.Actors.StopAsync(StopMode.Drain, Signal.Bound));

        Assert.That(handled + system.Actors.DeadLetters.Count, Is.EqualTo(accepted + refused));
    }

    [Test]
    public async Task Spawn_WithAnArgument_AllocatesTheActorAndItsCellOnly()
    {
        const int CellAndActorBytes = 72 + 32;
        await using var system = new TestSystem();
        var least = Signal.NewSource<long>();
        system.Actors.Spawn<int>(() => new Short(null)
        {
            AtStart = _ =>
            {
                long best = long.MaxValue;
                for (int i = 0; i < 20; i++)
                {
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    system.Actors.Spawn(static _ => new Idler(), best);
                    best = Math.Min(best, GC.GetAllocatedBytesForCurrentThread() - before);
                }

                least.SetResult(best);
            },
        });

        Assert.That(await Signal.Within(least.Task), Is.LessThanOrEqualTo(CellAndActorBytes));
    }

    [Test]
    public void Spawn_WithAnArgument_ChecksItsArguments()
    {
        using var system = new ActorSystem();

        Assert.That(() => system.Spawn<int, int>(null!, 1), Throws.ArgumentNullException);
        Assert.That(() => system.Spawn<int, int>(static _ => null!, 1), Throws.InvalidOperationException);
        Assert.That(() => system.Spawn(static _ => new Idler(), 1, "a/b"), Throws.ArgumentException);
    }

    private sealed class Idler : Actor<int>
    {
        protected override void Receive(int message)
        {
        }
    }

    private sealed class Short(List<string>? log) : Actor<int>
    {
        public Action<ActorRef<int>>? AtStart { get; init; }

        public Action<ActorRef<int>, int>? AtMessage { get; init; }

        public Action<ActorRef<int>, string, CancellationToken>? AtHook { get; init; }

        public string? FailingHook { get; init; }

        protected override void OnStarted()
        {
            log?.Add("started");
            AtStart?.Invoke(Self);
            Fail("started");
        }

        protected override void Receive(int message)
        {
            log?.Add($"{message}");
            AtMessage?.Invoke(Self, message);
        }

        protected override void OnStopping()
        {
            log?.Add("stopping");
            AtHook?.Invoke(Self, "stopping", StoppingToken);
            Fail("stopping");
        }

        protected override void OnStopped()
        {
            log?.Add("stopped");
            AtHook?.Invoke(Self, "stopped", StoppingToken);
            Fail("stopped");
        }

        private void Fail(string hook)
        {
            if (FailingHook == hook)
                throw new InvalidOperationException(hook);
        }
    }
}
