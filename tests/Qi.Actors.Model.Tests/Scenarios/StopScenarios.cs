// The stop of an actor against those who send to it. Every message that was accepted is handled or buried, what was accepted before a stop that
// drains is handled, no stop is lost, the hooks run once and in order, and whoever waits for the end is told.

using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

/// <summary>What befalls an actor in a scenario.</summary>
internal sealed class Life(StopMode mode)
{
    private readonly List<string> _acceptedBeforeStop = [];
    private readonly List<string> _handled = [];
    private int _accepted;
    private bool _isStopBegun;
    private int _hooks;

    /// <summary>The task that ends with the actor.</summary>
    public Task? Completion { get; set; }

    public void Send(ActorRef<string> actor, string message)
    {
        if (actor.TryTell(message) != TellStatus.Accepted)
            return;
        _accepted++;
        if (!_isStopBegun)
            _acceptedBeforeStop.Add(message);
    }

    public void Stop(ActorRef<string> actor)
    {
        _isStopBegun = true;
        ((ILiveActor)actor).RequestStop(mode);
    }

    public void Handle(string message)
    {
        Must.Hold(_hooks is 1 or 2, $"{message} is handled after {_hooks} hooks.");
        Must.Hold(mode == StopMode.Drain || _hooks == 1, $"{message} is handled after a stop at once.");
        Must.Hold(!_handled.Contains(message), $"{message} is handled twice.");
        _handled.Add(message);
    }

    public void Started() => Hook(0);

    public void Stopping() => Hook(1);

    public void Stopped() => Hook(2);

    public void CheckEnd(ActorRef<string> actor, long buried)
    {
        Must.Hold(actor.IsStopped, $"The stop got lost: {_hooks} hooks have run.");
        Must.Hold(Completion is null or { IsCompletedSuccessfully: true }, "It has stopped, and who waits for that is not told.");
        Must.Hold(_hooks is 3 or 0, $"{_hooks} of three hooks have run.");
        Must.Hold(_accepted == _handled.Count + buried, $"{_accepted} messages were accepted, {_handled.Count} handled, {buried} buried.");
        if (mode == StopMode.Drain)
            Must.Hold(_acceptedBeforeStop.TrueForAll(_handled.Contains), "A message that was accepted before the stop was not handled.");
        for (int i = 1; i < _handled.Count; i++)
            Must.Hold(_handled[i - 1][0] != _handled[i][0] || string.CompareOrdinal(_handled[i - 1], _handled[i]) < 0, "M4: a sender's messages were turned round.");
    }

    private void Hook(int before)
    {
        Must.Hold(_hooks == before, $"Hook {before + 1} runs after {_hooks} others.");
        _hooks++;
    }
}

/// <summary>An actor with a synchronous handler.</summary>
/// <param name="mode">How it is stopped.</param>
/// <param name="isIdle">True if its first turn is over before anything begins.</param>
/// <param name="senders">What each sender sends.</param>
internal sealed class StopScenario(StopMode mode, bool isIdle, params string[][] senders) : Scenario
{
    private readonly Stage _stage = new();
    private readonly Life _life = new(mode);
    private ActorRef<string> _actor = null!;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        _actor = _stage.System.Spawn<string>(() => new Probe(_life), options: new ActorOptions());
        if (isIdle)
            _stage.WorkInSetUp();
        execution.Thread("worker", _stage.Work, mayBlock: true);
        for (int i = 0; i < senders.Length; i++)
        {
            string[] messages = senders[i];
            execution.Thread($"sender {i}", () => Array.ForEach(messages, message => _life.Send(_actor, message)));
        }

        execution.Thread("stop", () => _life.Stop(_actor));
        if (senders.Length == 0)
            execution.Thread("watcher", () => _life.Completion = _actor.Completion);
        else
            _life.Completion = _actor.Completion;
    }

    public override void CheckEnd() => _life.CheckEnd(_actor, _stage.System.DeadLetters.Count);

    private sealed class Probe(Life life) : Actor<string>
    {
        protected override void OnStarted() => life.Started();

        protected override void Receive(string message) => life.Handle(message);

        protected override void OnStopping() => life.Stopping();

        protected override void OnStopped() => life.Stopped();
    }
}

/// <summary>An actor whose handler waits for somebody else, while it is told to stop.</summary>
/// <param name="mode">How it is stopped.</param>
/// <param name="isReentrant">True if it handles messages meanwhile.</param>
/// <param name="isSending">True if somebody sends another message.</param>
/// <param name="isByToken">True if what the handler waits for is the stop itself, by its token; else another thread ends it.</param>
internal sealed class StopPendingScenario(StopMode mode, bool isReentrant = false, bool isSending = false, bool isByToken = false) : Scenario
{
    private readonly Stage _stage = new();
    private readonly Life _life = new(mode);
    private readonly TaskCompletionSource _pending = new();
    private ActorRef<string> _actor = null!;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        _actor = _stage.System.Spawn<string>(() => new Probe(_life, _pending, isByToken), options: new ActorOptions { IsReentrant = isReentrant });
        if (isByToken)
            _stage.WorkInSetUp();
        _life.Send(_actor, "a1");
        if (!isByToken)
            _stage.WorkInSetUp();
        _life.Completion = _actor.Completion;
        execution.Thread("worker", _stage.Work, mayBlock: true);
        if (!isByToken)
            execution.Thread("completer", _pending.SetResult);
        if (isSending)
            execution.Thread("sender", () => _life.Send(_actor, "b1"));
        execution.Thread("stop", () => _life.Stop(_actor));
    }

    public override void CheckEnd() => _life.CheckEnd(_actor, _stage.System.DeadLetters.Count);

    private sealed class Probe(Life life, TaskCompletionSource pending, bool isByToken) : AsyncActor<string>
    {
        protected override ValueTask ReceiveAsync(string message)
        {
            life.Handle(message);
            if (isByToken)
                StoppingToken.UnsafeRegister(static pending => ((TaskCompletionSource)pending!).TrySetResult(), pending);
            return message == "a1" ? new ValueTask(pending.Task) : default;
        }

        protected override ValueTask OnStartedAsync()
        {
            life.Started();
            return default;
        }

        protected override ValueTask OnStoppingAsync()
        {
            life.Stopping();
            return default;
        }

        protected override ValueTask OnStoppedAsync()
        {
            life.Stopped();
            return default;
        }
    }
}

/// <summary>A reentrant actor handles a message while what an earlier handler waits for comes.</summary>
internal sealed class GoOnScenario : Scenario
{
    private readonly Stage _stage = new();
    private readonly TaskCompletionSource _pending = new();
    private readonly List<string> _seen = [];
    private ActorRef<string> _actor = null!;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        _actor = _stage.System.Spawn<string>(() => new Probe(_seen, _pending.Task), options: new ActorOptions { IsReentrant = true });
        _actor.Tell("a");
        _stage.WorkInSetUp();
        execution.Thread("worker", _stage.Work, mayBlock: true);
        execution.Thread("completer", _pending.SetResult);
        execution.Thread("sender", () => _actor.Tell("b"));
    }

    public override void CheckEnd()
        => Must.Hold(_seen is ["a", "b", "a goes on"] or ["a", "a goes on", "b"], $"What the actor has done is {string.Join(", ", _seen)}.");

    private sealed class Probe(List<string> seen, Task pending) : AsyncActor<string>
    {
        protected override async ValueTask ReceiveAsync(string message)
        {
            seen.Add(message);
            if (message != "a")
                return;
            await pending;
            seen.Add("a goes on");
        }
    }
}
