// Two networks joined by one line: this process is at one end of it, and the program once more, as io-peer, at the other. The line can be cut here, so that there is no way
// out any more and calls fail, or there, so that what is sent is lost without a word. What lives longer than a cut goes on: TCP sends again.
//
// The addresses are of those that are set aside for documents (RFC 5737): they are nobody's, and nothing leads out of the two networks.

using System.Diagnostics;
using System.Globalization;
using System.Net;

using Qi.Actors.Load.Contenders;

namespace Qi.Actors.Load.Soak.Io.Partitions;

/// <summary>A line between two networks of our own.</summary>
internal sealed class Link : IDisposable
{
    private const string Here = "qi-here";
    private const string There = "qi-there";
    private const string HereAddress = "192.0.2.1";
    private const string ThereAddress = "192.0.2.2";

    private static readonly TimeSpan s_parting = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly Process _peer;

    private Link(Process peer) => _peer = peer;

    /// <summary>The line of this process; null if there is none.</summary>
    public static Link? Current { get; set; }

    /// <summary>Where the other process listens, by TCP and by UDP.</summary>
    public IPEndPoint Peer { get; private set; } = new(IPAddress.Any, 0);

    /// <summary>Makes the line, inside of a network of this process' own.</summary>
    /// <exception cref="InvalidOperationException">The system refuses.</exception>
    public static Link Make()
    {
        IpTool.Run("link set lo up");
        string[] program = [.. DotNetContenders.ThisProgram(), "io-peer"];
        var start = new ProcessStartInfo(program[0], program[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        var link = new Link(Process.Start(start)!);
        try
        {
            link.Expect("inside");
            IpTool.Run(string.Create(CultureInfo.InvariantCulture, $"link add {Here} type veth peer name {There} netns {link._peer.Id}"));
            IpTool.Run($"addr add {HereAddress}/30 dev {Here}");
            IpTool.Run($"link set {Here} up");
            link.Tell("ip link set lo up");
            link.Tell($"ip addr add {ThereAddress}/30 dev {There}");
            link.Tell($"ip link set {There} up");
            int port = int.Parse(link.Ask($"listen {ThereAddress}"), CultureInfo.InvariantCulture);
            link.Peer = new IPEndPoint(IPAddress.Parse(ThereAddress), port);
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Cuts the line: here, so that there is no way out, or there, so that all is lost on the way.</summary>
    public void Cut(bool isHere)
    {
        lock (_lock)
        {
            if (isHere)
                IpTool.Run($"link set {Here} down");
            else
                Tell($"ip link set {There} down");
        }
    }

    /// <summary>Mends it.</summary>
    public void Mend()
    {
        lock (_lock)
        {
            IpTool.Run($"link set {Here} up");
            Tell($"ip link set {There} up");
        }
    }

    /// <summary>Ends the other process; the line goes with its network.</summary>
    public void Dispose()
    {
        _peer.StandardInput.Close();
        if (!_peer.WaitForExit(s_parting))
            _peer.Kill();
        _peer.WaitForExit();
        _peer.Dispose();
    }

    private void Tell(string line)
    {
        string answer = Ask(line);
        if (answer.Length > 0)
            throw new InvalidOperationException($"The other end of the line answers '{answer}' to '{line}'.");
    }

    private string Ask(string line)
    {
        _peer.StandardInput.WriteLine(line);
        _peer.StandardInput.Flush();
        return _peer.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The other end of the line has ended at '{line}'.");
    }

    private void Expect(string line)
    {
        string? said = _peer.StandardOutput.ReadLine();
        if (!string.Equals(said, line, StringComparison.Ordinal))
            throw new InvalidOperationException($"The other end of the line says '{said}' instead of '{line}'.");
    }
}
