// Asks whose asker waits: who answers, fails, or cancels first wins the use, and nobody who comes late reaches the next one.

using Qi.Actors.Coroutines;
using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Questions, handed to the scenario as they are asked.</summary>
internal sealed class Questions(ActorSystem system)
{
    private readonly Permits[] _asked = [new(0, isCounted: true), new(0, isCounted: true)];
    private readonly ReplyTo<int>[] _questions = new ReplyTo<int>[2];
    private StandIn<ReplyTo<int>>? _actor;

    public int Count { get; private set; }

    public ValueTask<int> Ask()
    {
        _actor ??= new StandIn<ReplyTo<int>>(system, Take);
        return _actor.AskAsync<int>(static reply => reply, TimeSpan.FromSeconds(5));
    }

    /// <summary>Waits for a question, if it has not been asked; each of those who wait says which of them it is.</summary>
    public ReplyTo<int> Await(int number)
    {
        _asked[number].Take();
        return _questions[number];
    }

    private TellStatus Take(ReplyTo<int> question)
    {
        int number = Count++;
        _questions[number] = question;
        _asked[number].Give(2, new Site(StepKind.Signal, "AskScenarios.cs", number));
        return TellStatus.Accepted;
    }
}

/// <summary>A coroutine asks twice. The first question is answered twice, or answered and failed; the second, once.</summary>
/// <param name="isFailed">True if a failure, as of a deadline, rivals the first answer; else a second answer does.</param>
internal sealed class AskReuseScenario(bool isFailed) : Scenario
{
    private readonly Stage _stage = new();
    private readonly List<int> _outcomes = [];
    private Questions _questions = null!;
    private CoroutineBox _box = null!;
    private int _taken;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file) || file == "TimerEntry.cs";

    public override void SetUp(Execution execution)
    {
        _questions = new Questions(_stage.System);
        _box = _stage.System.Spawn(Body()).Box;
        execution.Thread("worker", _stage.Work, mayBlock: true);
        execution.Thread("answerer", () =>
        {
            Note(_questions.Await(0).Tell(1));
            Note(_questions.Await(1).Tell(2));
        });
        execution.Thread("rival", () =>
        {
            var question = _questions.Await(0);
            Note(isFailed ? question.Fail(new TimeoutException()) : question.Tell(-1));
        });
    }

    public override void CheckEnd()
    {
        Must.Hold(_box.IsDone, $"It has {_outcomes.Count} outcomes of two, and waits.");
        Must.Hold(_outcomes[0] is 1 or -1, $"The first outcome is {_outcomes[0]}.");
        Must.Hold(_outcomes[1] == 2, $"The second question has got the outcome {_outcomes[1]}.");
        Must.Hold(_taken == 2, $"{_taken} outcomes were taken.");
    }

    private void Note(bool isTaken)
    {
        if (isTaken)
            _taken++;
    }

    private async Coroutine Body()
    {
        for (int i = 0; i < 2; i++)
        {
            try
            {
                _outcomes.Add(await _questions.Ask());
            }
            catch (TimeoutException)
            {
                _outcomes.Add(-1);
            }
        }
    }
}

/// <summary>A coroutine that asks is cancelled, and asks again.</summary>
/// <param name="isAnswered">True if the first question is answered, too.</param>
internal sealed class AskCancelScenario(bool isAnswered) : Scenario
{
    private readonly Stage _stage = new();
    private readonly List<int> _outcomes = [];
    private Questions _questions = null!;
    private CoroutineBox _box = null!;
    private int _cancelled;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file) || file == "TimerEntry.cs";

    public override void SetUp(Execution execution)
    {
        _questions = new Questions(_stage.System);
        _box = _stage.System.Spawn(Body()).Box;
        execution.Thread("worker", _stage.Work, mayBlock: true);
        execution.Thread("canceller", () =>
        {
            _questions.Await(0);
            _box.Cancel();
        });
        if (isAnswered)
            execution.Thread("answerer", () => _questions.Await(0).Tell(1));
    }

    public override void CheckEnd()
    {
        var waited = Waited.Of(_box);
        waited.CheckNotForgotten();
        Must.Hold(_cancelled + _outcomes.Count > 0, "The first question has no outcome.");
        Must.Hold(_cancelled == 1, $"The cancel was thrown {_cancelled} times.");
        Must.Hold(_outcomes.TrueForAll(static outcome => outcome == 1) && _outcomes.Count <= 1, "The second question has got an outcome of the first.");
        Must.Hold(_questions.Count == 2, $"{_questions.Count} questions were asked.");
        Must.Hold(_outcomes.Count == 1 ? _box.IsDone : waited.IsWaiting, $"It is {_box.State}.");
    }

    private async Coroutine Body()
    {
        for (int i = 0; i < 2; i++)
        {
            try
            {
                _outcomes.Add(await _questions.Ask());
            }
            catch (OperationCanceledException)
            {
                _cancelled++;
            }
        }
    }
}

/// <summary>Somebody who is no coroutine asks, and listens; the first question is answered twice.</summary>
internal sealed class AskListeningScenario : Scenario
{
    private readonly Stage _stage = new();
    private readonly List<int> _outcomes = [];
    private Questions _questions = null!;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file) || file == "TimerEntry.cs";

    public override void SetUp(Execution execution)
    {
        _questions = new Questions(_stage.System);
        execution.Thread("asker", Ask);
        execution.Thread("answerer", () => _questions.Await(0).Tell(1));
        execution.Thread("rival", () =>
        {
            _questions.Await(0).Tell(-1);
            _questions.Await(1).Tell(2);
        });
    }

    public override void CheckEnd()
    {
        Must.Hold(_outcomes is [1 or -1, 2], $"The outcomes are {string.Join(" and ", _outcomes)}.");
        Must.Hold(_stage.System.DeadLetters.Count == 1, $"{_stage.System.DeadLetters.Count} answers came late.");
    }

    private void Ask()
    {
        var context = new PermitContext();
        SynchronizationContext.SetSynchronizationContext(context);
        for (int i = 0; i < 2; i++)
            _outcomes.Add(context.Await(_questions.Ask()));
        SynchronizationContext.SetSynchronizationContext(null);
    }
}

/// <summary>Where a thread that awaits comes back to. What is posted would only run on: it is enough to know that it came.</summary>
internal sealed class PermitContext : SynchronizationContext
{
    private readonly Permits _posted = new(0, isCounted: true);

    public override void Post(SendOrPostCallback d, object? state) => _posted.Give();

    /// <summary>Waits for an outcome, and takes it. The context must be the calling thread's.</summary>
    public int Await(ValueTask<int> ask)
    {
        var awaiter = ask.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            awaiter.OnCompleted(static () => { });
            _posted.Take();
        }

        return awaiter.GetResult();
    }
}
