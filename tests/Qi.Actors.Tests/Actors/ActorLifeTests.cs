using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class ActorLifeTests
{
    private static readonly string[] s_wholeLife = ["started", "1", "2", "stopping", "3", "stopped"];

    [Test]
    public async Task Hooks_OfASyncActor_RunInOrder()
    {
        await using var system = new TestSystem();
        var log = new List<string>();
        ActorRef<int>? actor = null;
        var spawned = Signal.NewSource();
        actor = system.Actors.Spawn<int>(() => new SyncLife(log, spawned.Task, number =>
        {
            if (number == 2)
                actor!.Complete();
        }));
        for (int i = 1; i <= 3; i++)
            actor.Tell(i);
        spawned.SetResult();

        await Signal.Within(actor.Completion);

        Assert.That(log, Is.EqualTo(s_wholeLife));
        Assert.That(actor.IsStopped, Is.True);
    }

    [Test]
    public async Task Hooks_OfAnAsyncActor_AreAwaitedInOrder()
    {
        await using var system = new TestSystem();
        var log = new List<string>();
        var go = Signal.NewSource();
        ActorRef<int>? actor = null;
        actor = system.Actors.Spawn<int>(() => new AsyncLife(log, go.Task, number =>
        {
            if (number == 2)
                actor!.Complete();
        }));
        for (int i = 1; i <= 3; i++)
            actor.Tell(i);
        go.SetResult();

        await Signal.Within(actor.Completion);

        Assert.That(log, Is.EqualTo(new[] { "started<", "started>", "1<", "1>", "2<", "2>", "stopping<", "stopping>", "3<", "3>", "stopped<", "stopped>" }));
    }

    [TestCase("started", new[] { "started", "stopping", "stopped" })]
    [TestCase("stopping", new[] { "started", "1", "stopping", "stopped" })]
    [TestCase("stopped", new[] { "started", "1", "stopping", "stopped" })]
    public async Task Hook_ThatThrows_FaultsTheActorAndIsLogged(string hook, string[] expected)
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        var log = new List<string>();
        var spawned = Signal.NewSource();
        ActorRef<int>? actor = null;
        actor = system.Actors.Spawn<int>(() => new SyncLife(log, spawned.Task, _ => actor!.Complete()) { ThrowsIn = hook }, "brittle");
        actor.Tell(1);
        spawned.SetResult();

        Assert.That(async () => await Signal.Within(actor.Completion), Throws.InvalidOperationException.With.Message.EqualTo(hook));
        Assert.That(log, Is.EqualTo(expected));
        Assert.That(
            system.Log.Entries.Single(entry => entry.Id == 301).Message,
            Does.Contain("/user/brittle").And.Contains(hook).IgnoreCase);
        Assert.That(system.LettersOf(), Has.Length.EqualTo(string.Equals(hook, "started", StringComparison.Ordinal) ? 1 : 0));
        Assert.That(system.Actors.TryGet<int>("brittle", out _), Is.False);
    }

    [Test]
    public async Task Handler_ThatThrows_StopsItsActorAlone()
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        using var gate = new ManualResetEventSlim();
        var actor = system.Actors.Spawn<string>(
            text =>
            {
                Signal.Block(gate);
                throw new InvalidOperationException(text);
            },
            "fragile");
        var other = system.Actors.Spawn<Echo>(echo => echo.ReplyTo.Tell(echo.Text), "other");
        actor.Tell("first");
        actor.Tell("second");
        actor.Tell("third");
        gate.Set();

        Assert.That(async () => await Signal.Within(actor.Completion), Throws.InvalidOperationException.With.Message.EqualTo("first"));
        var entry = system.Log.Entries.Single(found => found.Id == 300);
        Assert.That(entry.Message, Does.Contain("/user/fragile").And.Contain("String"));
        Assert.That(entry.Exception!.Message, Is.EqualTo("first"));
        Assert.That(
            system.LettersOf(),
            Is.EqualTo(new[] { "second", "third" }.Select(text => new DeadLetter(actor.Path, text, DeadLetterReason.Stopped))));
        Assert.That(await Signal.Within(other.AskAsync<string>(reply => new Echo("hello", reply))), Is.EqualTo("hello"));
        Assert.That(system.Actors.Spawn<int>(_ => { }, "fragile").Path.Name, Is.EqualTo("fragile"), "the name is free again");
    }

    [Test]
    public async Task Handler_OfAnAsyncActorThatThrowsAfterAnAwait_StopsTheActor()
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        var gate = Signal.NewSource();
        var actor = system.Actors.Spawn<int>(async number =>
        {
            await gate.Task;
            throw new InvalidOperationException($"{number}");
        });
        actor.Tell(1);
        actor.Tell(2);

        gate.SetResult();

        Assert.That(async () => await Signal.Within(actor.Completion), Throws.InvalidOperationException.With.Message.EqualTo("1"));
        Assert.That(system.LettersOf().Select(letter => letter.Message), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task Fault_AfterComplete_FaultsCompletionAndDropsTheRest()
    {
        using var gate = new ManualResetEventSlim();
        await using var system = new TestSystem();
        var entered = Signal.NewSource();
        var actor = system.Actors.Spawn<int>(_ =>
        {
            entered.TrySetResult();
            Signal.Block(gate);
        });
        actor.Tell(1);
        actor.Tell(2);
        await Signal.Within(entered.Task);

        actor.Complete();
        actor.Fault(new InvalidOperationException("enough"));
        gate.Set();

        Assert.That(async () => await Signal.Within(actor.Completion), Throws.InvalidOperationException.With.Message.EqualTo("enough"));
        Assert.That(system.LettersOf(), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Constructor_ThatUsesSelf_IsToldWhenItMay()
    {
        await using var system = new TestSystem();

        Assert.That(
            () => system.Actors.Spawn<int>(() => new Hasty()),
            Throws.InvalidOperationException.With.Message.Contains(nameof(Hasty)).And.Message.Contains("started hook"));
    }

    [Test]
    public async Task Self_InTheStartedHook_IsTheRef()
    {
        await using var system = new TestSystem();
        var self = Signal.NewSource<ActorRef<int>>();

        var actor = system.Actors.Spawn<int>(() => new Selfish(self));

        Assert.That(await Signal.Within(self.Task), Is.SameAs(actor));
    }

    private sealed record Echo(string Text, ReplyTo<string> ReplyTo);

    private sealed class Hasty : Actor<int>
    {
        public Hasty() => Self.Tell(1);

        protected override void Receive(int message)
        {
        }
    }

    private sealed class Selfish(TaskCompletionSource<ActorRef<int>> self) : Actor<int>
    {
        protected override void OnStarted() => self.SetResult(Self);

        protected override void Receive(int message)
        {
        }
    }

    private sealed class SyncLife(List<string> log, Task go, Action<int> onMessage) : Actor<int>
    {
        public string? ThrowsIn { get; init; }

        protected override void OnStarted()
        {
            go.Wait(Signal.Bound);
            Note("started");
        }

        protected override void OnStopping() => Note("stopping");

        protected override void OnStopped() => Note("stopped");

        protected override void Receive(int message)
        {
            log.Add($"{message}");
            onMessage(message);
        }

        private void Note(string hook)
        {
            log.Add(hook);
            if (string.Equals(hook, ThrowsIn, StringComparison.Ordinal))
                throw new InvalidOperationException(hook);
        }
    }

    private sealed class AsyncLife(List<string> log, Task go, Action<int> onMessage) : AsyncActor<int>
    {
        protected override async ValueTask OnStartedAsync()
        {
            log.Add("started<");
            await go;
            log.Add("started>");
        }

        protected override async ValueTask OnStoppingAsync() => await Note("stopping");

        protected override async ValueTask OnStoppedAsync() => await Note("stopped");

        protected override async ValueTask ReceiveAsync(int message)
        {
            await Note($"{message}");
            onMessage(message);
        }

        private async ValueTask Note(string what)
        {
            log.Add($"{what}<");
            await Task.Yield();
            log.Add($"{what}>");
        }
    }
}
