using Qi.Actors.Platform;

namespace Qi.Actors.Diagnostics;

/// <summary>Short runs of a thread that is no dispatcher: how soon its messages are handled.</summary>
internal sealed class OutsideKernels
{
    private const int Tells = 8;
    private const double SearchNs = 5_000;
    private const double ParkNs = 120_000; // several times the default of QiActorsOptions.SpinTime

    private readonly TimeProvider _clock;
    private readonly Stamper _stamper;
    private readonly ActorRef<long> _ref;

    public OutsideKernels(ActorSystem system, TimeProvider clock)
    {
        _clock = clock;
        _stamper = new Stamper(clock);
        _ref = system.Spawn(() => _stamper);
    }

    /// <summary>Tells a dispatcher that searches: the time to the handler.</summary>
    public void PickUp(double[] result) => result[0] = Run(SearchNs).LatencyNs;

    /// <summary>Tells a dispatcher that is parked: the time to the handler, and that of the tell.</summary>
    public void Wake(double[] result) => (result[0], result[1]) = Run(ParkNs);

    private (double LatencyNs, double TellNs) Run(double pauseNs)
    {
        double latencyNs = 0;
        double tellNs = 0;
        for (int i = 0; i < Tells; i++)
        {
            long handled = _stamper.Handled;
            long start = _clock.GetTimestamp();
            while (_clock.GetElapsedTime(start).TotalNanoseconds < pauseNs)
                Atomic.Pause();
            start = _clock.GetTimestamp();
            _ref.Tell(start);
            tellNs += _clock.GetElapsedTime(start).TotalNanoseconds;
            while (_stamper.Handled == handled)
                Atomic.Pause();
            latencyNs += _clock.GetElapsedTime(start, _stamper.Stamp).TotalNanoseconds;
        }

        return (latencyNs / Tells, tellNs / Tells);
    }

    private sealed class Stamper(TimeProvider clock) : Actor<long>
    {
        private long _handled;
        private long _stamp;

        public long Handled => Atomic.Read(ref _handled);

        public long Stamp => Atomic.Read(ref _stamp);

        protected override void Receive(long message)
        {
            Atomic.Write(ref _stamp, clock.GetTimestamp());
            Atomic.Write(ref _handled, _handled + 1);
        }
    }
}
