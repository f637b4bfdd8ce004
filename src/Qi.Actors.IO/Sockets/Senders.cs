// A server has many clients, and an endpoint is two objects: those who have sent before get theirs again. Written by whoever has the run, one at a time.
//
// An endpoint can be changed by whoever has it. So its parts are looked at before it is given out again: a changed one is replaced.
//
// There is room for so many; then all are forgotten. Whoever sends from ever new addresses costs what he costs without this, and no more memory.

using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Qi.Actors.IO;

/// <summary>The endpoints of those who have sent.</summary>
internal sealed class Senders
{
    /// <summary>How many are remembered.</summary>
    public const int Most = 1024;

    private readonly Dictionary<InternetAddress, Known> _known = [];
    private InternetAddress _lastKey;
    private Known _last;

    /// <summary>The endpoint of an address in the operating system's form.</summary>
    public IPEndPoint Find(ReadOnlySpan<byte> bytes)
    {
        var key = InternetAddresses.KeyOf(bytes);
        if (key == _lastKey && _last.IsUnchanged(key))
            return _last.EndPoint;
        if (!_known.TryGetValue(key, out var known) || !known.IsUnchanged(key))
        {
            if (_known.Count == Most)
                _known.Clear();
            known = new Known(InternetAddresses.Read(bytes));
            _known[key] = known;
        }

        (_lastKey, _last) = (key, known);
        return known.EndPoint;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Known(IPEndPoint endPoint)
    {
        private readonly IPAddress _address = endPoint.Address;

        public IPEndPoint EndPoint => endPoint;

        public bool IsUnchanged(InternetAddress key)
            => endPoint is not null && ReferenceEquals(endPoint.Address, _address) && endPoint.Port == key.Port
                && (_address.AddressFamily == AddressFamily.InterNetwork || _address.ScopeId == key.Scope);
    }
}
