// A thread that makes a network namespace for itself is alone in it: the runtime has started others before. So the program starts itself again in that thread, and
// all its threads are inside then (see Confinement). The namespace goes with the last process in it, however that ends: there is nothing to clean up.

using System.Globalization;
using System.Runtime.InteropServices;

using Qi.Actors.Load.Net;

namespace Qi.Actors.Load.Soak.Io.Partitions;

/// <summary>A network of this process' own, from which nothing gets out.</summary>
internal static partial class OwnNetwork
{
    // Its value is the process' number: a child that inherits it is not inside of its own.
    private const string Variable = "QI_OWN_NETWORK";
    private const int NewNetwork = 0x40000000;

    /// <summary>Returns null inside, and why not if that cannot be; otherwise starts the program again, inside, and does not return.</summary>
    public static string? Enter()
    {
        string self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (string.Equals(Environment.GetEnvironmentVariable(Variable), self, StringComparison.Ordinal))
            return null;
        if (!OperatingSystem.IsLinux())
            return "only Linux has network namespaces";
        if (!Environment.IsPrivilegedProcess)
            return "they need root";
        if (!IpTool.IsInstalled)
            return "they need the command ip; install iproute2";
        if (Unshare(NewNetwork) != 0)
            return $"the system refuses a network namespace ({Marshal.GetLastPInvokeErrorMessage()})";
        Confinement.Restart(new Dictionary<string, string>(StringComparer.Ordinal) { [Variable] = self });
        return "the program could not be started again";
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}
