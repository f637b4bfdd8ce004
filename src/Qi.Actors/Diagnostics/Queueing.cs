// Queueing theory, free of anything of the runtime's. Times are in one unit throughout, whichever it is.
//
// Sources: A. Erlang, 1917, for M/M/c. A. Allen and J. Cunneen, in Allen, "Probability, Statistics, and Queueing Theory", 1978, for G/G/c.
// P. Welch, "On a generalized M/G/1 queuing process in which the first customer of each busy period receives exceptional service",
// Operations Research 12, 1964. M. Reiser and S. Lavenberg, "Mean-value analysis of closed multichain queuing networks", J. ACM 27, 1980.
// M. Reiser, "A queueing network analysis of computer communication networks with window flow control", 1979, for service times that
// are not exponential.

namespace Qi.Actors.Diagnostics;

/// <summary>The formulas.</summary>
internal static class Queueing
{
    // Where a network is far beyond saturation more customers change nothing, and the recursion would take for ever.
    private const int MostCustomers = 1_000_000;

    /// <summary>The probability that an arrival at M/M/c has to wait (Erlang's C).</summary>
    /// <param name="servers">c.</param>
    /// <param name="load">Arrival rate times mean service time: less than c.</param>
    public static double ErlangC(int servers, double load)
    {
        double blocking = 1; // Erlang's B by its recursion, which does not overflow
        for (int i = 1; i <= servers; i++)
            blocking = load * blocking / (i + (load * blocking));
        double utilisation = load / servers;
        return blocking / (1 - (utilisation * (1 - blocking)));
    }

    /// <summary>The mean wait at G/G/c by Allen and Cunneen: exact for M/M/c and M/G/1. Infinite at and above capacity.</summary>
    public static double MeanWait(int servers, double rate, double service, double arrivalVariability, double serviceVariability)
    {
        double load = rate * service;
        if (load >= servers)
            return double.PositiveInfinity;
        if (load <= 0)
            return 0;
        return ErlangC(servers, load) * service / (servers - load) * (arrivalVariability + serviceVariability) / 2;
    }

    /// <summary>What is added to the mean wait at M/G/1 if each busy period begins with a set-up (Welch).</summary>
    public static double SetUpWait(double rate, double setUpMean, double setUpSquare)
        => setUpMean <= 0 ? 0 : ((2 * setUpMean) + (rate * setUpSquare)) / (2 * (1 + (rate * setUpMean)));

    /// <summary>Throughput of a closed network of stations with one server each, and a delay, by mean-value analysis.</summary>
    /// <param name="customers">At least 1; between two whole numbers it is interpolated.</param>
    /// <param name="delay">Time of a cycle during which nobody waits for anybody.</param>
    /// <param name="stations">Each with its service time in a cycle.</param>
    /// <param name="variability">Squared coefficient of variation of service times: 1 makes it exact.</param>
    public static double ClosedThroughput(double customers, double delay, IReadOnlyList<Stations> stations, double variability)
    {
        var queue = new double[stations.Count];
        double ceiling = 1 / stations.Max(station => station.Demand);
        int whole = (int)Math.Min(customers, MostCustomers);
        double before = 0;
        double throughput = 0;
        for (int n = 1; n <= whole + 1; n++)
        {
            before = throughput;
            throughput = Step(n, delay, stations, variability, queue, throughput, ceiling);
        }

        return before + ((throughput - before) * Math.Clamp(customers - whole, 0, 1));
    }

    // An arrival finds the network as it would be without itself: it waits for those in the queue, and for the rest of the one in service.
    private static double Step(
        int customers, double delay, IReadOnlyList<Stations> stations, double variability, double[] queue, double throughput, double ceiling)
    {
        var residence = new double[queue.Length];
        double cycle = delay;
        for (int i = 0; i < queue.Length; i++)
        {
            double demand = stations[i].Demand;
            double busy = Math.Min(throughput * demand, queue[i]);
            residence[i] = demand * (1 + (queue[i] - busy) + (busy * (1 + variability) / 2));
            cycle += residence[i] * stations[i].Count;
        }

        double result = Math.Min(customers / cycle, ceiling);
        for (int i = 0; i < queue.Length; i++)
            queue[i] = result * residence[i];
        return result;
    }
}

/// <summary>Equal stations of a closed network: a customer visits each of them once in a cycle.</summary>
/// <param name="Demand">Service time of a visit.</param>
/// <param name="Count">How many there are.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct Stations(double Demand, int Count);
