// The plan of the house. A room is a folder of src/Qi.Actors; every room stands on a floor; Qi.Actors.Platform is floor 0.

namespace Qi.Actors.House.Tests;

/// <summary>Which room stands on which floor, and who may use whom.</summary>
internal static class FloorPlan
{
    /// <summary>The folder whose folders are the rooms.</summary>
    public const string RoomsFolder = "src/Qi.Actors/";

    private static readonly Dictionary<string, int> s_floors = new(StringComparer.Ordinal)
    {
        ["Collections"] = 1,
        ["Scheduling"] = 2,
        ["Mailboxes"] = 3,
        ["Coroutines"] = 3,
        ["Reactors"] = 4,
        ["Supervision"] = 4,
        ["Actors"] = 5,
        ["Graphs"] = 6,
        ["Streams"] = 6,
        ["Diagnostics"] = 7,
        ["Simulation"] = 7,
        ["Hosting"] = 8,
    };

    // Rooms that may look into another room of their own floor: (from, to).
    private static readonly HashSet<(string From, string To)> s_neighbours = [];

    /// <summary>The room of a source file, or null if the file is in none.</summary>
    public static string? RoomOf(string path)
    {
        if (!path.StartsWith(RoomsFolder, StringComparison.Ordinal))
            return null;

        string rest = path[RoomsFolder.Length..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && s_floors.ContainsKey(rest[..slash]) ? rest[..slash] : null;
    }

    /// <summary>The floor of a room.</summary>
    public static int FloorOf(string room) => s_floors[room];

    /// <summary>Whether code of one room may use types of another.</summary>
    public static bool MayUse(string from, string to)
    {
        if (string.Equals(from, to, StringComparison.Ordinal) || s_floors[to] < s_floors[from])
            return true;

        return s_floors[to] == s_floors[from] && s_neighbours.Contains((from, to));
    }
}
