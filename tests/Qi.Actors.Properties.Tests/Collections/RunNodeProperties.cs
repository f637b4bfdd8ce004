using FsCheck;

using Qi.Actors.Collections;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Collections;

/// <summary>A run that is opened, filled, emptied and closed again and again, against a queue; with senders of earlier uses.</summary>
internal sealed class RunNodeProperties
{
    private static readonly Gen<Step<Uses>> s_steps = Steps.Of(
        (2, Steps.Just<Uses>(new Open())),
        (8, Steps.Just<Uses>(new Append())),
        (1, Steps.With<Uses>(5, static use => new AppendLate(use))),
        (6, Steps.Just<Uses>(new Take())),
        (3, Steps.Just<Uses>(new TryClose())));

    [Test]
    public void Uses_AtRandom_MatchTheModel() => Programs.Check(static () => new Uses(), s_steps, runs: 4_000, longest: 150);

    private sealed class Uses
    {
        private readonly Queue<int> _model = new();
        private readonly List<long> _earlier = [];
        private int _lastNumber;
        private int _claimed;
        private long _state;

        public RunNode<int> Run { get; } = new();

        public bool IsOpen { get; private set; }

        public void Open()
        {
            // Whoever opens a run has got it from a magazine, where it came closed.
            if (IsOpen)
                return;
            _model.Enqueue(++_lastNumber);
            _state = Run.Open(_lastNumber);
            _claimed = 1;
            IsOpen = true;
            Verify();
        }

        public void Append()
        {
            bool fits = IsOpen && _claimed < RunNode<int>.Capacity;
            long state = _state;
            Expect.Equal(Run.TryAppend(++_lastNumber, ref state), fits);
            Expect.Equal(state != _state, fits, "the sender's state moved on");
            if (fits)
            {
                _earlier.Add(_state);
                _state = state;
                _claimed++;
                _model.Enqueue(_lastNumber);
            }

            Verify();
        }

        public void AppendLate(int use)
        {
            if (_earlier.Count == 0)
                return;
            long state = _earlier[^(1 + (use % _earlier.Count))];
            Expect.Equal(Run.TryAppend(-1, ref state), false);
            Verify();
        }

        public void Take()
        {
            bool isThere = _model.TryDequeue(out int expected);
            Expect.Equal(Run.TryTake(out int message), isThere);
            if (isThere)
                Expect.Equal(message, expected);
            Verify();
        }

        public void TryClose()
        {
            Expect.Equal(Run.TryClose(), _model.Count == 0);
            if (_model.Count == 0 && IsOpen)
            {
                IsOpen = false;
                _earlier.Add(_state);
            }

            Verify();
        }

        private void Verify()
        {
            Expect.Equal(Run.MessageCount, _model.Count);
            Expect.Equal(Run.IsAtEnd, _model.Count == 0);
            Expect.Equal(Run.HasWritten, _model.Count > 0);
            if (IsOpen)
                Expect.Equal(RunNodeIsSingle(_state), _claimed == 1);
        }

        private static bool RunNodeIsSingle(long state) => RunNode<int>.IsSingle(state);
    }

    private sealed record Open : Step<Uses>
    {
        public override void Run(Uses subject) => subject.Open();
    }

    private sealed record Append : Step<Uses>
    {
        public override void Run(Uses subject) => subject.Append();
    }

    /// <summary>A sender whose use, or whose count, is not the present one.</summary>
    private sealed record AppendLate(int Use) : Step<Uses>
    {
        public override void Run(Uses subject) => subject.AppendLate(Use);
    }

    private sealed record Take : Step<Uses>
    {
        public override void Run(Uses subject) => subject.Take();
    }

    private sealed record TryClose : Step<Uses>
    {
        public override void Run(Uses subject) => subject.TryClose();
    }
}
