(** The quick checker on 63-bit machine integers.

    Every step that might overflow is guarded, and a guard that fails ends the check with no
    answer; [Refinement.v] proves that what passes the guards is the checker over Z. *)

From Coq Require Import ZArith List Bool Uint63 Sint63.
From Networks Require Import Networks Trees Rounded.
Import ListNotations.
Open Scope Z_scope.

Notation to_Z := Sint63.to_Z.

Definition machine_layer := list (list int * int).
Definition machine_relation := (int * int * int * bool)%type.
Record machine_stage := {
  machine_width : nat;
  machine_weights : machine_layer;
  machine_relations : list machine_relation }.

(** How large may be: a unit's multiplier, a value, a weight, the sum of a row's multipliers. *)
Record limits := { of_unit : Z; of_value : Z; of_weight : Z; of_row : Z }.

Definition allowed (s : Z) (l : limits) : bool :=
  (0 <=? s) && (s <=? 60)
  && (0 <=? of_unit l) && (0 <=? of_value l) && (0 <=? of_weight l) && (0 <=? of_row l)
  && (of_unit l * of_value l <=? 2 ^ 61) && (of_unit l <=? 2 ^ 51) && (of_value l <=? 2 ^ 51)
  && (of_row l * of_weight l <=? 2 ^ 61) && (of_row l <=? 2 ^ 59)
  && ((of_weight l + 1) * 2 ^ s <=? 2 ^ 61).

Definition most := Eval vm_compute in Uint63.of_Z (2 ^ 60).
Definition least_most := Eval vm_compute in Uint63.of_Z (- 2 ^ 60).
Definition slope_shift := Eval vm_compute in Uint63.of_Z slope_bits.
Definition full_slope := Eval vm_compute in Uint63.of_Z (2 ^ slope_bits).

Definition within (low high x : int) : bool :=
  if (low <=? x)%sint63 then (x <=? high)%sint63 else false.
Definition larger (x y : int) : int := if (x <=? y)%sint63 then y else x.
Definition smaller (x y : int) : int := if (x <=? y)%sint63 then x else y.

Fixpoint each {A B} (f : A -> option B) (l : list A) : option (list B) :=
  match l with
  | [] => Some []
  | x :: l =>
    match f x with
    | Some y => match each f l with Some l => Some (y :: l) | None => None end
    | None => None
    end
  end.

Definition to_int (size z : Z) : option int :=
  if (- size <=? z) && (z <=? size) && (size <? 2 ^ 62) then Some (Uint63.of_Z z) else None.

(** The same as machine integers, made once. *)
Record numbers := {
  shift : int; scale : int;
  unit_low : int; unit_high : int; value_low : int; value_high : int;
  row_low : int; row_high : int }.

Definition numbers_of (s : Z) (l : limits) : numbers := {|
  shift := Uint63.of_Z s; scale := Uint63.of_Z (2 ^ s);
  unit_low := Uint63.of_Z (- of_unit l); unit_high := Uint63.of_Z (of_unit l);
  value_low := Uint63.of_Z (- of_value l); value_high := Uint63.of_Z (of_value l);
  row_low := Uint63.of_Z (- of_row l); row_high := Uint63.of_Z (of_row l) |}.

Section Checker.
Variable number : numbers.

Definition bounded_constant (c : int) : bool := within least_most most c.
Definition bounded_unit (a : int) : bool := within (unit_low number) (unit_high number) a.
Definition bounded_value (v : int) : bool := within (value_low number) (value_high number) v.

Fixpoint machine_relax (r : list int) (rs : list machine_relation) (c : int)
  : option (list int * int) :=
  match r, rs with
  | a :: r, (low, high, slope, follows) :: rs =>
    if (a <? 0)%sint63 then
      match machine_relax r rs c with
      | Some (r', c') => Some ((if follows then a else 0%sint63) :: r', c')
      | None => None
      end
    else if (a <=? unit_high number)%sint63 then
      let a' := ((a * slope) >> slope_shift)%sint63 in
      let c := (c + larger ((- a') * low) ((a - a') * high))%sint63 in
      if bounded_constant c then
        match machine_relax r rs c with Some (r', c') => Some (a' :: r', c') | None => None end
      else None
    else None
  | _, _ => Some ([], c)
  end.

Fixpoint machine_push (ps r : list int) (rs : list machine_relation) (c : int)
  : option (list int * int) :=
  match ps, r, rs with
  | p :: ps, a :: r, (low, high, slope, _) :: rs =>
    if bounded_unit a && bounded_unit p then
      if (p <? 0)%sint63 then
        let c := (c - p * high)%sint63 in
        if bounded_constant c then
          match machine_push ps r rs c with
          | Some (r', c') => Some ((a + p)%sint63 :: r', c') | None => None end
        else None
      else if (slope =? 0)%sint63 then
        match machine_push ps r rs c with Some (r', c') => Some (a :: r', c') | None => None end
      else
        let c := (c - p * low)%sint63 in
        if bounded_constant c then
          match machine_push ps r rs c with
          | Some (r', c') => Some ((a + p)%sint63 :: r', c') | None => None end
        else None
    else None
  | _, _, _ => Some (r, c)
  end.

Fixpoint bounded_row (r : list int) (sum : int) : bool :=
  match r with
  | [] => true
  | a :: r =>
    if within (row_low number) (row_high number) a then
      let sum := (if (a <? 0)%sint63 then sum - a else sum + a)%sint63 in
      if (sum <=? row_high number)%sint63 then bounded_row r sum else false
    else false
  end.

Fixpoint machine_positive_sum (r : list int) : int :=
  match r with [] => 0%sint63 | a :: r => (larger a 0 + machine_positive_sum r)%sint63 end.

Fixpoint machine_add_row (a : int) (q acc : list int) : list int :=
  match q, acc with
  | w :: q, y :: acc => (y + a * w)%sint63 :: machine_add_row a q acc
  | _, _ => []
  end.

Fixpoint machine_add_rows (r : list int) (L : machine_layer) (acc : list int) (c : int)
  : list int * int :=
  match r, L with
  | a :: r, (q, b) :: L =>
    if (a =? 0)%sint63 then machine_add_rows r L acc c
    else machine_add_rows r L (machine_add_row a q acc) (c + a * b)%sint63
  | _, _ => (acc, c)
  end.

Definition machine_up (x : int) : int := (- ((- x) >> shift number))%sint63.

Definition machine_through (n : nat) (L : machine_layer) (r : list int) (c : int)
  : option (list int * int) :=
  if bounded_row r 0%sint63 then
    if bounded_constant c then
      let p := machine_positive_sum r in
      let (acc, c') := machine_add_rows r L (repeat p n) (c + p)%sint63 in
      if bounded_constant c' then Some (map machine_up acc, c') else None
    else None
  else None.

Fixpoint machine_plus (r g : list int) : option (list int) :=
  match r, g with
  | a :: r, b :: g =>
    if bounded_unit a && bounded_unit b then
      match machine_plus r g with Some r => Some ((a + b)%sint63 :: r) | None => None end
    else None
  | r, [] => Some r
  | [], g => Some g
  end.

Fixpoint machine_over_box (r : list int) (B : list (int * int)) (c : int) : option int :=
  match r, B with
  | a :: r, (low, high) :: B =>
    if bounded_unit a then
      let c := (c + larger (a * low) (a * high))%sint63 in
      if bounded_constant c then machine_over_box r B c else None
    else None
  | _, _ => Some c
  end.

Fixpoint machine_back (B : list (int * int)) (st : list machine_stage) (r : list int) (c : int)
  (g : list int) (ps : list (list int)) : option int :=
  if bounded_constant c then
    match st with
    | [] => match machine_plus r g with Some r => machine_over_box r B c | None => None end
    | top :: st =>
      match machine_relax r (machine_relations top) c with
      | Some (r, c) =>
        match machine_push (hd [] ps) r (machine_relations top) c with
        | Some (r, c) =>
          match machine_through (machine_width top) (machine_weights top) r c with
          | Some (r, c) => machine_back B st r c g (tl ps)
          | None => None
          end
        | None => None
        end
      | None => None
      end
    end
  else None.

Definition machine_related (B : list (int * int)) (st : list machine_stage) (q : list int * int)
  : option machine_relation :=
  match machine_back B st (map (fun w => w + 1)%sint63 (fst q)) ((snd q + 1) * scale number)%sint63 [] []
  with
  | None => None
  | Some high =>
    let high := machine_up high in
    if bounded_value high then
      if (high <=? 0)%sint63 then Some (0%sint63, high, 0%sint63, false) else
      match machine_back B st (map (fun w => - w)%sint63 (fst q)) ((- snd q) * scale number)%sint63 [] []
      with
      | None => None
      | Some low =>
        let low := (- machine_up low)%sint63 in
        if bounded_value low then
          if (0 <=? low)%sint63 then Some (low, high, full_slope, true)
          else Some (low, high, (high * full_slope) / (high - low), (- low) <? high)%sint63
        else None
      end
    else None
  end.

Definition machine_clip (known : option bool) (e : machine_relation) : machine_relation :=
  let '(low, high, slope, _) := e in
  match known with
  | None => e
  | Some true =>
    (if (slope =? 0)%sint63 then 0%sint63 else larger low 0%sint63, high, full_slope, true)
  | Some false => (0%sint63, smaller high 0%sint63, 0%sint63, false)
  end.

Fixpoint machine_all_related (B : list (int * int)) (st : list machine_stage)
  (known : nat -> option bool) (j : nat) (L : machine_layer) : option (list machine_relation) :=
  match L with
  | [] => Some []
  | q :: L =>
    match machine_related B st q with
    | None => None
    | Some e =>
      match machine_all_related B st known (S j) L with
      | None => None
      | Some rest => Some (machine_clip (known j) e :: rest)
      end
    end
  end.

Fixpoint machine_stages (B : list (int * int)) (phases : list phase) (i n : nat)
  (st : list machine_stage) (Ls : list machine_layer) : option (list machine_stage * nat) :=
  match Ls with
  | [] => Some (st, n)
  | L :: Ls =>
    match machine_all_related B st (sign phases i) 0 L with
    | Some rs =>
      machine_stages B phases (S i) (length L)
        ({| machine_width := n; machine_weights := L; machine_relations := rs |} :: st) Ls
    | None => None
    end
  end.

Variable s t : Z.
Variable l : limits.

Definition machine_box (B : box) : option (list (int * int)) :=
  each (fun b =>
    match to_int (of_value l) (fst b), to_int (of_value l) (snd b) with
    | Some low, Some high => Some (low, high)
    | _, _ => None
    end) B.

Definition machine_layer_of (L : rounded_layer) : option machine_layer :=
  each (fun q =>
    match each (to_int (of_weight l)) (fst q), to_int (of_weight l) (snd q) with
    | Some row, Some bias => Some (row, bias)
    | _, _ => None
    end) L.

Definition machine_closed (n : nat) (B : list (int * int)) (st : list machine_stage) (m : nat)
  (ks : list constraint) (why : reason) : bool :=
  match combined n m ks (factors why) with
  | None => false
  | Some k =>
    match each (to_int (of_row l)) (map (up t) (of_outputs k)),
          to_int (2 ^ 60) (up t (- Z.shiftl (least k) s)),
          each (to_int (of_unit l)) (map (up t) (of_inputs k)),
          each (each (to_int (of_unit l))) (pushes why) with
    | Some r, Some c, Some g, Some ps =>
      match machine_back B st r c g ps with Some v => refutes k (to_Z v) | None => false end
    | _, _, _, _ => false
    end
  end.

Fixpoint machine_all_closed (n : nat) (B : list (int * int)) (st : list machine_stage) (m : nat)
  (property : list (list constraint)) (whys : list reason) : bool :=
  match property, whys with
  | [], _ => true
  | ks :: property, why :: whys =>
    if machine_closed n B st m ks why then machine_all_closed n B st m property whys else false
  | _ :: _, [] => false
  end.

Definition machine_leaf (N : list machine_layer) (B : box) (phases : list phase)
  (property : list (list constraint)) (whys : list reason) : bool :=
  match machine_box B with
  | None => false
  | Some B' =>
    match machine_stages B' phases 0 (length B) [] N with
    | Some (st, m) => machine_all_closed (length B) B' st m property whys
    | None => false
    end
  end.

Variable elsewhere : box -> list phase -> tree -> bool.

Fixpoint machine_tree (N : list machine_layer) (property : list (list constraint)) (B : box)
  (phases : list phase) (tr : tree) : bool :=
  match tr with
  | Cut i v low high =>
    if machine_tree N property (lower_high B i v) phases low
    then machine_tree N property (raise_low B i v) phases high else false
  | Split i j cut low high =>
    if machine_tree N property B (side i j cut false :: phases) low
    then machine_tree N property B (side i j cut true :: phases) high else false
  | Exactly tr => elsewhere B phases tr
  | Leaf whys => machine_leaf N B phases property whys
  end.

End Checker.

Definition machine_check (s t : Z) (l : limits) (elsewhere : box -> list phase -> tree -> bool)
  (N : list rounded_layer) (property : list (list constraint)) (B : box) (tr : tree) : bool :=
  if allowed s l then
    match each (machine_layer_of l) N with
    | Some N' => machine_tree (numbers_of s l) s t l elsewhere N' property B [] tr
    | None => false
    end
  else false.
