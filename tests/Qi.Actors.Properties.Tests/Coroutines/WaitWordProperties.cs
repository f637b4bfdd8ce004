using FsCheck;
using FsCheck.Fluent;

using Qi.Actors.Coroutines;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Coroutines;

/// <summary>An owner that runs, waits and takes waits back, and wakers in time and late, against a state, a kind and an epoch.</summary>
internal sealed class WaitWordProperties
{
    private const int Epochs = 1 << 25;

    private static readonly Gen<Step<Words>> s_steps = Steps.Of(
        (4, Steps.With<Words>(4, static kind => new Wait((WaitKind)kind))),
        (3, Steps.With<Words>(4, static waitsAgo => new Wake(waitsAgo))),
        (2, Steps.With<Words>(2, static waitsAgo => new Retract(waitsAgo))),
        (3, Steps.Just<Words>(new RunTurn())),
        (1, Steps.With<Words>(4, static end => new End((WaitState)((int)WaitState.Completed + (end % 3))))));

    [TestCase(0)]
    [TestCase(Epochs - 4)]
    public void Transitions_AtRandom_MatchTheModel(int epoch) => Programs.Check(() => new Words(epoch), s_steps, runs: 3_000, longest: 60);

    private sealed class Words
    {
        private int _word;

        public Words(int epoch)
        {
            Epoch = epoch;
            _word = unchecked(epoch << 7);
            _word = new WaitWord(_word).To(WaitState.Fresh).Value;
            State = WaitState.Fresh;
        }

        public WaitState State { get; set; }

        public WaitKind Kind { get; set; }

        public int Epoch { get; set; }

        public ref int Word => ref _word;

        public void Verify()
        {
            var word = WaitWord.Load(in _word);
            Expect.Equal(word.State, State);
            Expect.Equal(word.Epoch, Epoch);
            Expect.Equal(word.Kind, State == WaitState.Waiting ? Kind : WaitKind.Event);
            Expect.Equal(word.IsDone, State >= WaitState.Completed);
        }

        public int EpochBefore(int waits) => (Epoch - waits + Epochs) % Epochs;
    }

    private sealed record Wait(WaitKind Kind) : Step<Words>
    {
        public override void Run(Words subject)
        {
            if (subject.State != WaitState.Running)
                return;
            subject.Word = WaitWord.Load(in subject.Word).NextWait(Kind).Value;
            (subject.State, subject.Kind, subject.Epoch) = (WaitState.Waiting, Kind, (subject.Epoch + 1) % Epochs);
            subject.Verify();
        }
    }

    /// <summary>Wakes the present wait, or comes too late for one that has ended.</summary>
    private sealed record Wake(int WaitsAgo) : Step<Words>
    {
        public override void Run(Words subject)
        {
            bool wins = subject.State == WaitState.Waiting && WaitsAgo == 0;
            Expect.Equal(WaitWord.TryWake(ref subject.Word, subject.EpochBefore(WaitsAgo)), wins);
            if (wins)
                subject.State = WaitState.Ready;
            subject.Verify();
        }
    }

    private sealed record Retract(int WaitsAgo) : Step<Words>
    {
        public override void Run(Words subject)
        {
            bool wins = subject.State == WaitState.Waiting && WaitsAgo == 0;
            Expect.Equal(WaitWord.TryRetract(ref subject.Word, subject.EpochBefore(WaitsAgo)), wins);
            if (wins)
                subject.State = WaitState.Running;
            subject.Verify();
        }
    }

    private sealed record RunTurn : Step<Words>
    {
        public override void Run(Words subject)
        {
            if (subject.State is not (WaitState.Fresh or WaitState.Ready))
                return;
            subject.Word = WaitWord.Load(in subject.Word).To(WaitState.Running).Value;
            subject.State = WaitState.Running;
            subject.Verify();
        }
    }

    private sealed record End(WaitState State) : Step<Words>
    {
        public override void Run(Words subject)
        {
            if (subject.State != WaitState.Running)
                return;
            subject.Word = WaitWord.Load(in subject.Word).To(State).Value;
            subject.State = State;
            subject.Verify();
        }
    }
}
